"""Items of many packets, played: counted, timed, and carried as single ones are."""

from __future__ import annotations

from pathlib import Path

import pytest
from kernel_backend import differences, on_the_kernel, pair

from pknet.cli.verify import not_built
from pknet.kernel.errors import KernelUnsupportedError
from pknet.kernel.streams import require
from pknet.lab.lab import Lab
from pknet.lab.result import ItemResult
from pknet.report.items import run_lines
from pknet.report.layout import text_of
from pknet.topology.load import load_text
from pknet.wire.ethernet import ETH_P_IP
from pknet.wire.ipv4 import UDP, Ipv4
from pknet.wire.udp import Udp

ECHO = "listen: [{udp: 5000, reply: pong}, {tcp: 9000, reply: {bytes: 300kB}, read: 200000}]"
SERVICE = Path(__file__).parent.parent / "topologies" / "service.yaml"
MILLISECOND = 1_000_000


def lab(*items: str, b1: str = ECHO, link: str = "") -> Lab:
    text = pair(*items, b1=b1)
    if link:
        ends = "endpoints: ['a1:eth0', 'b1:eth0'], type: cable"
        text = text.replace("- ['a1:eth0', 'b1:eth0']", f"- {{{ends}, {link}}}")
    return Lab(load_text(text, Path("pair.yaml")))


def play(*items: str, b1: str = ECHO, link: str = "") -> tuple[Lab, list[ItemResult]]:
    played = lab(*items, b1=b1, link=link)
    return played, played.run()


def sent_at(played: Lab, node: str = "a1") -> list[tuple[int, int]]:
    """Source port and time of each datagram that left ``node``."""
    return [
        (Udp.parse(tap.frame.wire[34:]).sport, tap.time)
        for tap in played.trace.taps
        if (tap.hop.node, tap.direction, tap.frame.ethernet.type) == (node, "out", ETH_P_IP)
        and Ipv4.parse(tap.frame.wire[14:]).protocol == UDP
    ]


def test_datagrams_go_when_they_are_due_from_one_socket() -> None:
    played, (result,) = play('{udp: "10.0.0.2:5000", from: a1, count: 50, rate: 50000/s}')
    assert result.summary.startswith("50 sent, 50 answered, 0 lost, min/avg/max 1.00")
    ports, times = zip(*sent_at(played), strict=True)
    assert len(set(ports)) == 1
    # The first ones waited for the neighbour's address.
    assert [later - times[20] for later in times[20:]] == [20_000 * n for n in range(30)]


def test_each_packet_of_a_new_port_is_a_new_connection() -> None:
    text = SERVICE.read_text().replace("file: rules", f"file: {SERVICE.parent}/rules")
    text = text[: text.index("traffic:")].replace(
        "reply: pong}]", "reply: pong}, {udp: 53, reply: x}]"
    )
    item = '{udp: "10.1.2.1:53", from: a1, count: 40, sport: new, rate: 10000/s}'
    lab = Lab(load_text(f"{text}traffic: [{item}]", SERVICE))
    (result,) = lab.run()
    assert result.summary.startswith("40 sent, 40 answered, 0 lost")
    assert [port for port, _ in sent_at(lab)] == list(range(1024, 1064))
    conntrack = lab.nodes["node-b"].firewall.conntrack  # type: ignore[attr-defined]
    assert len(list(conntrack.table)) == 40


def test_one_ping_of_many_is_one_ping() -> None:
    """The same bytes at the same interface as single items with the same numbers."""
    many, (result,) = play("{ping: 10.0.0.2, from: a1, count: 3, interval: 10ms, seq: 7}")
    ones, _ = play(*(f"{{ping: 10.0.0.2, from: a1, seq: {seq}}}" for seq in (7, 8, 9)))
    assert result.summary.startswith("3 sent, 3 answered, 0 lost")
    assert [t.frame.wire for t in many.trace.taps] == [t.frame.wire for t in ones.trace.taps]


def test_sequence_numbers_begin_again_after_the_last() -> None:
    _, (result,) = play("{ping: 10.0.0.2, from: a1, count: 3, interval: 1ms, seq: 65535}")
    assert result.summary.startswith("3 sent, 3 answered, 0 lost")


def test_times_are_the_times_of_the_link() -> None:
    item = "{ping: 10.0.0.2, from: a1, count: 4, interval: 50ms}"
    _, (result,) = play(item, link="delay: 5ms")
    times = result.summary.rpartition("max ")[2].removesuffix(" ms").split("/")
    assert [times[0], times[2]] == ["10.000", "20.000"]  # the first one waits for ARP
    assert times[1] == "12.500"


def test_what_is_lost_is_counted_and_has_no_time() -> None:
    lossy = {"link": "loss: 30%"}
    _, (pings,) = play("{ping: 10.0.0.2, from: a1, count: 100, interval: 100ms}", **lossy)
    sent, answered, lost = (int(word.split()[0]) for word in pings.summary.split(", ")[:3])
    assert sent == 100
    assert 0 < lost < 100
    assert answered == sent - lost
    assert "min/avg/max" in pings.summary
    udp = '{udp: "10.0.0.2:5000", from: a1, count: 100, rate: 10/s'
    _, (one_socket,) = play(f"{udp}}}", **lossy)
    assert "min/avg/max" not in one_socket.summary  # which one is missing cannot be known
    _, (sockets,) = play(f"{udp}, sport: new}}", **lossy)
    assert "min/avg/max" in sockets.summary


def test_errors_are_counted_by_what_they_say() -> None:
    _, (refused, nowhere, too_long) = play(
        '{udp: "10.0.0.2:9", from: a1, count: 5}',
        '{udp: "10.9.9.9:9", from: a1, count: 5, sport: new}',
        "{ping: 10.0.0.2, from: a1, count: 5, size: 3000}",
    )
    expected = "5 sent, 0 answered, 5 lost, 5 ICMP 3/3 port unreachable from 10.0.0.2"
    assert refused.summary == expected
    tail = "5 not sent: network is unreachable"
    assert nowhere.summary == f"0 sent, 0 answered, 0 lost, {tail}"
    assert too_long.summary == "0 sent, 0 answered, 0 lost, 5 not sent: message too long"


@pytest.mark.parametrize(
    ("expect", "failure"),
    [
        ("answered: 9, lost: 0, received: pong", None),
        ("answered: 8", "expected 8 answered, got 9"),
        ("lost: 1", "expected 1 lost, got 0"),
        ("received: ping", 'expected to receive "ping", got "pong"'),
        ("delivered: b1", None),
    ],
)
def test_what_is_expected_of_many(expect: str, failure: str | None) -> None:
    item = f'{{udp: "10.0.0.2:5000", from: a1, count: 9, expect: {{{expect}}}}}'
    _, (result,) = play(item)
    assert result.failure == failure


def test_a_single_packet_can_be_counted_too() -> None:
    _, results = play(
        "{ping: 10.0.0.2, from: a1, expect: {answered: 1, lost: 0}}",
        "{ping: 10.0.0.9, from: a1, timeout: 9ms, expect: {answered: 0, lost: 1}}",
        '{udp: "10.0.0.2:9", from: a1, expect: {answered: 0, lost: 1}}',
        '{udp: "10.9.9.9:9", from: a1, expect: {answered: 0, lost: 0}}',
    )
    assert [result.failure for result in results] == [None] * 4


def test_everybody_pings_everybody_but_himself() -> None:
    text = SERVICE.read_text().replace("file: rules", f"file: {SERVICE.parent}/rules")
    text = text[: text.index("traffic:")]
    text = text.replace(
        "[b2:eth0, node-b:vB2]", "{endpoints: [b2:eth0, node-b:vB2], type: cable, up: false}"
    )
    lab = Lab(
        load_text(f"{text}traffic: [{{pingall: all, expect: {{lost: 6, answered: 6}}}}]", SERVICE)
    )
    (result,) = lab.run()
    assert result.failure is None
    lines = [text_of(line) for line in run_lines(lab.trace, [result], 80)]
    start = lines.index("  from \\ to  a1  a2  b1  b2")
    assert lines[start + 1 : start + 5] == [
        "  a1          .   +   +   x",
        "  a2          +   .   +   x",
        "  b1          +   +   .   x",
        "  b2          x   x   x   .",
    ]


def test_megabytes_arrive_as_they_were_sent() -> None:
    item = '{tcp: "10.0.0.2:9000", from: a1, payload: {bytes: 200kB}, timeout: 30s, '
    _, (result,) = play(item + "expect: {received: {bytes: 300kB}}}", link="rate: 100mbit")
    assert result.failure is None
    assert "(300000 bytes)" in result.summary


def test_the_text_tells_the_first_packets_and_the_trace_all() -> None:
    played, results = play('{udp: "10.0.0.2:5000", from: a1, count: 1000, rate: 20000/s}')
    lines = [text_of(line) for line in run_lines(played.trace, results, 80)]
    assert len(lines) < 50
    assert len(played.trace.taps) == 4005
    shown = {
        int(line.split()[0][1:])
        for line in lines
        if line.lstrip().startswith("#") and "ms" not in line
    }
    assert shown == set(range(1, 9))
    told = sum(line.lstrip()[:1] == "#" for line in lines) - 1
    (others,) = (line for line in lines if "more lines" in line)
    assert others.startswith(f"  … {4005 - told} more lines, of 1994 more packets")


def test_a_loop_is_still_told_from_many_packets() -> None:
    played = lab('{udp: "10.0.0.2:5000", from: a1, count: 100, rate: 100/s}')
    limit = played.clock.limit
    played.run()
    assert played.clock.limit == limit + 100 * 1000
    assert played.clock.events < 100 * 20


# --- the kernel is the judge


@pytest.mark.parametrize(
    "item",
    [
        '{udp: "10.0.0.2:5000", from: a1, payload: x, count: 20}',
        '{udp: "10.0.0.2:5000", from: a1, payload: {bytes: 4000}, count: 5, sport: new}',
        '{udp: "10.0.0.2:9", from: a1, payload: x, count: 20, sport: new, df: false}',
        '{udp: "10.0.0.2:9", from: a1, payload: x, count: 20}',
        "{ping: 10.0.0.2, from: a1, count: 6, interval: 5ms, seq: 65533, ipid: 9}",
        "{ping: 10.0.0.2, from: a1, count: 4, interval: 5ms, ttl: 1, size: 0, df: false}",
        "{pingall: all}",
    ],
)
@on_the_kernel
def test_many_packets_are_as_on_the_kernel(item: str) -> None:
    assert not differences(pair(item, b1=ECHO))


def test_what_the_kernel_would_take_too_long_for_is_said() -> None:
    spec = lab('{udp: "10.0.0.2:5000", from: a1, count: 1001}').spec
    with pytest.raises(KernelUnsupportedError, match="1001 packets; on the kernel at most 1000"):
        require(spec)


def test_a_pace_that_is_not_the_file_s_is_said() -> None:
    item = '{udp: "10.0.0.2:5000", from: a1, count: 5, rate: RATE/s}'
    assert "100 packets a second" in not_built(lab(item.replace("RATE", "101")).spec)[0]
    assert not not_built(lab(item.replace("RATE", "100")).spec)
