"""Each match holds for the packets it holds for in Linux, and for no others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from netfilter_host import (
    NO_CONNECTION,
    Host,
    View,
    Walker,
    device,
    icmp_packet,
    tcp_packet,
    udp_packet,
    verdict,
)

from pknet.link.skb import BridgeInfo
from pknet.netns.hook import Hook
from pknet.netns.netfilter.matches.statistic import SCALE
from pknet.sim.clock import SECOND
from pknet.trace import Verdict
from pknet.wire.address import ip_int


def accepts(rule: str, data: bytes, host: Host | None = None) -> bool:
    """True where a rule matches."""
    return verdict(f"{rule} -j ACCEPT", data, host=host)


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        ("--dport 80", True), ("--dport 79:81", True), ("--dport 81:", False),
        ("! --dport 80", False), ("--sport 40000 --dport 80", True), ("--sport :39999", False),
        ("! --sport 1 ! --dport 1", True), ("--syn", True), ("! --syn", False),
        ("--tcp-flags ALL SYN", True), ("--tcp-flags SYN,ACK ACK", False),
        ("--tcp-option 2", True), ("--tcp-option 4", True), ("--tcp-option 8", False),
        ("! --tcp-option 8", True), ("-m multiport --dports 1,80", True),
        ("-m multiport --sports 80", False), ("-m multiport --ports 80", True),
        ("-m multiport ! --dports 1:79,81:90", True),
    ],
)  # fmt: skip
def test_tcp_matches_ports_flags_and_options(rule: str, matches: bool) -> None:
    syn = tcp_packet(options=b"\x02\x04\x05\xb4\x01\x01\x04\x02")
    assert accepts(f"-p tcp {rule}", syn) is matches


@pytest.mark.parametrize(
    ("flags", "matches"), [(0x02, True), (0x12, False), (0x0A, True), (0x10, False), (0x00, False)]
)
def test_tcp_flags_compares_those_it_looks_at(flags: int, matches: bool) -> None:
    packet = tcp_packet(flags=flags)
    assert accepts("-p tcp --tcp-flags SYN,ACK SYN", packet) is matches
    assert accepts("-p tcp ! --tcp-flags SYN,ACK SYN", packet) is not matches


def test_options_cut_short_end_the_packet() -> None:
    data = bytearray(tcp_packet())
    data[20 + 12] = 0x40  # a header of 16 bytes
    assert not verdict("-p tcp --tcp-option 2 -j ACCEPT\n-j ACCEPT", bytes(data))
    assert verdict("-p tcp --dport 80 -j ACCEPT\n-j ACCEPT", bytes(data))


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        ("--icmp-type 3", True), ("--icmp-type 3/4", True), ("--icmp-type 3/3", False),
        ("--icmp-type any", True), ("! --icmp-type 3/4", False), ("--icmp-type 8", False),
        ("--icmp-type fragmentation-needed", True),
    ],
)  # fmt: skip
def test_icmp_matches_type_and_code(rule: str, matches: bool) -> None:
    assert accepts(f"-p icmp {rule}", icmp_packet(3, 4)) is matches


SEEN = View(
    "ESTABLISHED", frozenset({"DNAT", "CONFIRMED", "SEEN_REPLY"}), "REPLY", 6,
    (ip_int("10.1.1.1"), ip_int("172.30.0.1"), 40000, 80),
    (ip_int("10.1.2.1"), ip_int("10.1.1.1"), 8080, 40000), 30,
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        ("--ctstate ESTABLISHED", True), ("--ctstate NEW,RELATED", False), ("--ctstate DNAT", True),
        ("--ctstate SNAT", False), ("! --ctstate DNAT", False), ("! --ctstate SNAT,NEW", True),
        ("--ctstatus SEEN_REPLY", True), ("--ctstatus ASSURED,EXPECTED", False),
        ("! --ctstatus ASSURED", True), ("--ctstatus NONE", False), ("--ctproto 6", True),
        ("! --ctproto udp", True), ("--ctorigsrc 10.1.1.0/24", True),
        ("--ctorigdst 172.30.0.1", True), ("--ctreplsrc 10.1.2.1 --ctrepldst 10.1.1.1", True),
        ("! --ctreplsrc 10.1.2.0/24", False), ("--ctorigsrcport 40000", True),
        ("--ctorigdstport 80:90", True), ("--ctreplsrcport 8080", True),
        ("--ctrepldstport 8080", False), ("--ctexpire 30", True), ("--ctexpire 31:", False),
        ("--ctdir REPLY", True), ("--ctdir ORIGINAL", False),
        ("--ctstate ESTABLISHED --ctdir ORIGINAL", False),
        ("--ctstate ESTABLISHED --ctproto 6 --ctdir REPLY", True),
    ],
)  # fmt: skip
def test_conntrack_compares_the_connection(rule: str, matches: bool) -> None:
    assert accepts(f"-m conntrack {rule}", tcp_packet(), Host(view=SEEN)) is matches


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        ("--ctstate INVALID", True), ("! --ctstate NEW", True), ("--ctstate NEW", False),
        ("--ctproto 17", False), ("! --ctproto 17", False), ("! --ctorigsrc 1.1.1.1", False),
        ("--ctstate INVALID --ctproto 17", True), ("! --ctstatus CONFIRMED", False),
    ],
)  # fmt: skip
def test_of_a_packet_without_a_connection_only_the_state_is_known(rule: str, matches: bool) -> None:
    assert accepts(f"-m conntrack {rule}", tcp_packet(), Host(view=NO_CONNECTION)) is matches


def test_an_untracked_packet_is_untracked() -> None:
    host = Host(view=replace(NO_CONNECTION, state="UNTRACKED"))
    assert accepts("-m conntrack --ctstate UNTRACKED", tcp_packet(), host)
    assert not accepts("-m state --state INVALID", tcp_packet(), host)
    assert accepts("-m state ! --state NEW,RELATED", tcp_packet(), host)


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        ("--dst-type LOCAL", True), ("! --dst-type LOCAL", False), ("--src-type UNICAST", True),
        ("--src-type UNICAST --dst-type UNICAST", False), ("--dst-type UNICAST,LOCAL", True),
        ("! --src-type LOCAL --dst-type LOCAL", True),
    ],
)  # fmt: skip
def test_addrtype_asks_what_kind_of_address_it_is(rule: str, matches: bool) -> None:
    assert accepts(f"-m addrtype {rule}", tcp_packet(dst="10.0.0.1")) is matches


def test_addrtype_may_ask_of_one_device_alone() -> None:
    host = Host()
    accepts("-m addrtype --dst-type LOCAL --limit-iface-in", tcp_packet(), host)
    accepts("-m addrtype --dst-type LOCAL", tcp_packet(), host)
    assert host.asked == [(ip_int("10.0.0.9"), "eth0"), (ip_int("10.0.0.9"), "")]


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        ("--physdev-in veth1", True), ("--physdev-in veth+", True), ("! --physdev-in veth1", False),
        ("--physdev-out veth2", True), ("--physdev-is-in", True), ("--physdev-is-out", True),
        ("--physdev-is-bridged", True), ("! --physdev-is-bridged", False),
        ("--physdev-in veth1 --physdev-out veth3", False),
    ],
)  # fmt: skip
def test_physdev_knows_the_ports_of_a_bridged_packet(rule: str, matches: bool) -> None:
    walker = Walker(f"*filter\n:FORWARD DROP\n-A FORWARD -m physdev {rule} -j ACCEPT\nCOMMIT\n")
    state = walker.state(tcp_packet(), Hook.FORWARD, indev="br0", outdev="br0")
    state.skb.bridge = BridgeInfo(device("veth1"), device("veth2"))
    assert (walker.walk(state) is None) is matches


def test_a_routed_packet_has_no_bridge_ports() -> None:
    assert not accepts("-m physdev --physdev-in eth0", tcp_packet())
    assert not accepts("-m physdev --physdev-is-in", tcp_packet())
    assert accepts("-m physdev ! --physdev-is-bridged ! --physdev-in veth1", tcp_packet())


# --- what counts and draws


def verdicts(rule: str, times: int) -> list[bool]:
    """Of the same packet, again and again."""
    walker = Walker(f"*filter\n:INPUT DROP\n-A INPUT {rule} -j ACCEPT\nCOMMIT\n")
    return [walker.walk(walker.state(tcp_packet())) is None for _ in range(times)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("--every 3 --packet 0", [True, False, False, True, False, False]),
        ("--every 3 --packet 2", [False, False, True, False, False, True]),
        ("! --every 3 --packet 1", [True, False, True, True, False, True]),
        ("--every 1 --packet 0", [True] * 6),
    ],
)
def test_statistic_matches_each_nth_packet(rule: str, expected: list[bool]) -> None:
    assert verdicts(f"-m statistic --mode nth {rule}", 6) == expected


def test_statistic_draws_from_the_stream_it_was_given() -> None:
    rule = "-m statistic --mode random --probability 0.25"
    drawn = verdicts(rule, 2000)
    assert drawn == verdicts(rule, 2000)
    assert 430 < sum(drawn) < 570
    assert all(verdicts("-m statistic --mode random --probability 1", 50))
    assert not any(verdicts("-m statistic --mode random --probability 0", 50))


class _Draws:
    """A stream whose next number is known."""

    def __init__(self, value: int) -> None:
        self.value = value

    def getrandbits(self, bits: int) -> int:
        assert bits == 31
        return self.value


@pytest.mark.parametrize(("drawn", "matches"), [(715827882, True), (715827883, False)])
def test_a_third_is_the_number_that_the_kernel_keeps(drawn: int, matches: bool) -> None:
    assert round(0.3333333333 * SCALE) == 715827883
    host = Host(chance=_Draws(drawn))  # type: ignore[arg-type]
    rule = "-m statistic --mode random --probability 0.3333333333"
    assert accepts(rule, tcp_packet(), host) is matches


# --- recent


class Recent:
    """Rules of one list; packets from several addresses, at several times."""

    def __init__(self, *rules: str) -> None:
        body = "\n".join(f"-A INPUT -m recent {rule}" for rule in rules)
        self.walker = Walker(f"*filter\n:INPUT DROP\n{body}\nCOMMIT\n")

    def at(self, seconds: float, src: str = "10.0.0.8", ttl: int = 64) -> bool:
        """True: accepted."""
        self.walker.host.clock.run(int(seconds * SECOND))
        return self.walk(udp_packet(src=src, ttl=ttl)) is None

    def walk(self, data: bytes) -> Verdict | None:
        return self.walker.walk(self.walker.state(data))


def test_recent_remembers_for_so_many_seconds() -> None:
    recent = Recent("--rcheck --seconds 10 -j ACCEPT", "--set")
    assert [recent.at(t) for t in (0, 5, 15, 20, 31)] == [False, True, False, True, False]


def test_recent_update_renews_what_it_finds() -> None:
    recent = Recent("--update --seconds 10 -j ACCEPT", "--name once --set", "--set")
    assert [recent.at(t) for t in (0, 9, 18, 27, 38)] == [False, True, True, True, False]


def test_an_inverted_update_renews_only_what_it_finds_too_old() -> None:
    recent = Recent("! --update --seconds 10 -j ACCEPT", "--set")
    recent.walker.host.recent["DEFAULT"].add(ip_int("10.0.0.8"), 64, 0)
    kept = recent.walker.host.recent["DEFAULT"].entries[ip_int("10.0.0.8")]
    assert recent.at(20)
    assert kept.stamps == [0, 20 * SECOND]


def test_recent_counts_hits() -> None:
    recent = Recent("--set", "--rcheck --seconds 60 --hitcount 3 -j ACCEPT")
    assert [recent.at(t) for t in (0, 1, 2, 3, 70)] == [False, False, True, True, False]


def test_recent_removes() -> None:
    recent = Recent("--remove -j ACCEPT", "--set")
    assert [recent.at(t) for t in (0, 1, 2, 3)] == [False, True, False, True]


def test_recent_keeps_addresses_apart_by_its_mask() -> None:
    recent = Recent("--mask 255.255.255.0 --rcheck -j ACCEPT", "--mask 255.255.255.0 --set")
    assert not recent.at(0, "10.0.0.1")
    assert recent.at(1, "10.0.0.2")
    assert not recent.at(2, "10.0.1.1")


def test_recent_may_ask_for_the_same_ttl() -> None:
    recent = Recent("--rcheck --rttl -j ACCEPT", "--set")
    assert [recent.at(t, ttl=ttl) for t, ttl in ((0, 64), (1, 64), (2, 63), (3, 63))] == [
        False, True, False, True,
    ]  # fmt: skip


def test_recent_reaps_only_the_address_that_waits_longest() -> None:
    recent = Recent("--rcheck --seconds 10 --reap -j ACCEPT", "--set")
    for number in range(3):
        recent.at(number, f"10.0.0.{number + 1}")
    recent.at(11.5, "10.0.0.3")
    kept = recent.walker.host.recent["DEFAULT"].entries
    assert list(kept) == [ip_int("10.0.0.2"), ip_int("10.0.0.3")]


def test_recent_forgets_the_first_of_a_hundred_addresses() -> None:
    recent = Recent("--set")
    for number in range(101):
        recent.at(number, f"10.0.1.{number}")
    kept = recent.walker.host.recent["DEFAULT"].entries
    assert len(kept) == 100
    assert ip_int("10.0.1.0") not in kept


def test_a_list_that_must_keep_more_times_starts_afresh() -> None:
    recent = Recent("--set")
    recent.at(0)
    Walker("*filter\n-A INPUT -m recent --rcheck --hitcount 20\nCOMMIT\n", host=recent.walker.host)
    assert recent.walker.host.recent["DEFAULT"].entries
    Walker("*filter\n-A INPUT -m recent --rcheck --hitcount 33\nCOMMIT\n", host=recent.walker.host)
    assert not recent.walker.host.recent["DEFAULT"].entries
    assert recent.walker.host.recent["DEFAULT"].stamps == 64


def test_a_forwarded_packet_counts_with_the_ttl_it_came_with() -> None:
    text = (
        "*filter\n-A INPUT -m recent --set\n:FORWARD DROP\n"
        "-A FORWARD -m recent --rcheck --rttl -j ACCEPT\nCOMMIT\n"
    )
    walker = Walker(text)
    walker.walk(walker.state(udp_packet(ttl=64)))
    forwarded = walker.state(udp_packet(ttl=63), Hook.FORWARD, outdev="eth1")
    assert walker.walk(forwarded) is None
