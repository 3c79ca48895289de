"""A segment that its own node's rules refuse was never sent: the kernel is the judge.

Law: one connection for each segment of it that a rule in the sender's own OUTPUT takes out, frame
by frame as Linux has it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from kernel_backend import differences, needs_kernel, pair

from pknet.cli.verify import Verification, verify
from pknet.topology.load import load_text

NTH = "-m statistic --mode nth --every {} --packet {}"
FLAGS = "-m tcp --tcp-flags {0} {0}"
SYN = "-m tcp --tcp-flags SYN,ACK SYN"
SYN_ACK = "-m tcp --tcp-flags SYN,ACK SYN,ACK"
FULL = "-m tcp --tcp-flags SYN,FIN,PSH NONE"  # a segment that no burst ends with, or a bare ACK
SHORT = "1B"


def conversation(
    payload: str = "5kB", reply: str = "5kB", *then: str, a1: str = "", b1: str = "",
    timeout: str = "2s",
) -> str:  # fmt: skip
    """a1 sends, b1 replies, ``then`` follows; ``a1`` and ``b1`` are more of their keys."""
    item = (
        f'{{tcp: "10.0.0.2:80", from: a1, sport: 40000, payload: {{bytes: {payload}}}, '
        f"timeout: {timeout}}}"
    )
    listen = f"listen: [{{tcp: 80, reply: {{bytes: {reply}}}}}]"
    return pair(item, *then, a1=a1, b1=f"{listen}, {b1}" if b1 else listen)


def dropping(*matches: str, chain: str = "OUTPUT") -> str:
    """A node's keys: rules that drop what one of ``matches`` says."""
    rules = "".join(rf"-A {chain} -p tcp {match} -j DROP\n" for match in matches)
    return rf'iptables: "*filter\n:{chain} ACCEPT [0:0]\n{rules}COMMIT\n"'


def only(number: int, match: str = "") -> str:
    """Of what ``match`` says the one with this number, from 0."""
    return f"{match} {NTH.format(200, number)}"


def judged(text: str) -> Verification:
    """By the kernel."""
    return verify(load_text(text, Path("test.yaml")))


def refusals(verification: Verification) -> list[str]:
    """Where one side's rules refused more than the other's."""
    return [line for line in verification.drops or () if "NETFILTER_DROP" in line]


class TestOneSegment:
    """Of a whole conversation one is refused."""

    pytestmark = needs_kernel

    @pytest.mark.parametrize("number", range(1, 9))
    @pytest.mark.parametrize("side", ["a1", "b1"])
    def test_any_packet_may_be_refused(self, side: str, number: int) -> None:
        assert differences(conversation(**{side: dropping(only(number))})) == ""

    @pytest.mark.parametrize("payload", [SHORT, "10kB"])
    @pytest.mark.parametrize("flags", ["PSH", "FIN"])
    @pytest.mark.parametrize("side", ["a1", "b1"])
    def test_the_marked_ones_may_be_refused(self, side: str, flags: str, payload: str) -> None:
        rules = dropping(only(0, FLAGS.format(flags)))
        assert differences(conversation(payload, payload, **{side: rules})) == ""

    def test_postrouting_refuses_as_output_does(self) -> None:
        rule = f"-A POSTROUTING -p tcp {only(2)} -j DROP"
        keys = rf'iptables: "*mangle\n:POSTROUTING ACCEPT [0:0]\n{rule}\nCOMMIT\n"'
        assert differences(conversation(a1=keys)) == ""

    def test_one_that_its_timer_cannot_send_again_ends_the_request(self) -> None:
        """The SYN after that begins a new one, whose congestion window is not small."""
        rules = dropping(only(0, SYN_ACK), only(0, SYN_ACK))
        silent = dropping(only(1, SYN))
        verification = judged(conversation(SHORT, "5kB", a1=silent, b1=rules, timeout="4s"))
        assert not verification.frames
        assert not verification.told


class TestAnotherTry:
    """What comes of it, when it is tried again."""

    pytestmark = needs_kernel

    @pytest.mark.parametrize("side", ["a1", "b1"])
    def test_a_refused_burst_proves_nothing_of_the_window(self, side: str) -> None:
        rules = dropping(only(1, FLAGS.format("PSH")))
        assert differences(conversation("30kB", "30kB", **{side: rules})) == ""

    @pytest.mark.parametrize("number", [2, 3])
    def test_a_long_write_tries_again_at_once(self, number: int) -> None:
        assert differences(conversation(SHORT, "40kB", b1=dropping(only(number)))) == ""

    def test_only_probes_wait_longer_each_time(self) -> None:
        """A FIN of the peer comes between them, and each time makes us try at once."""
        rules = dropping(FLAGS.format("FIN"))
        verification = judged(conversation("5kB", "5kB", "{wait: 1200ms}", b1=rules))
        assert not verification.frames
        assert not refusals(verification)

    def test_a_refused_retransmission_is_not_under_way(self) -> None:
        """And what the peer said of the FIN after it did not put off the probe of the tail."""
        push = FLAGS.format("PSH")
        deaf = dropping(only(0, push), chain="INPUT")
        text = conversation("5kB", "5kB", "{wait: 300ms}", a1=dropping(only(1, push)), b1=deaf)
        assert not judged(text).frames

    def test_of_two_sent_at_one_time_the_later_was_sent_later(self) -> None:
        deaf = dropping(only(2, FULL), chain="INPUT")
        assert differences(conversation("10kB", "10kB", a1=dropping(only(3)), b1=deaf)) == ""

    def test_who_may_never_send_gives_up(self) -> None:
        keys = dropping(FLAGS.format("PSH")) + ", sysctls: {net.ipv4.tcp_retries2: 1}"
        verification = judged(conversation(a1=keys))
        assert not verification.frames
        assert not refusals(verification)


class TestAFullWindow:
    """Not refused, but not allowed either."""

    pytestmark = needs_kernel

    def test_even_a_last_fin_waits_for_room_in_the_congestion_window(self) -> None:
        deaf = dropping(FLAGS.format("PSH"), chain="INPUT")
        verification = judged(conversation(SHORT, "1kB", a1=deaf, timeout="1s"))
        assert not verification.frames
        assert not verification.told
