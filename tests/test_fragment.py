"""Cutting and joining; Scapy's own fragmentation is the judge of the cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, fragment
from scapy.packet import Raw

from pknet.link.skb import Skb
from pknet.netns.fragment import fragments
from pknet.netns.reassembly import Reassembly
from pknet.netns.sysctl import Sysctls
from pknet.sim import Clock
from pknet.sim.clock import SECOND
from pknet.trace import Dropped, DropReason, Held, Trace
from pknet.wire import ipv4
from pknet.wire.ipv4 import Ipv4

TIMEOUT = 30 * SECOND  # Linux: net.ipv4.ipfrag_time


def packet(size: int, **fields: int) -> bytes:
    return ipv4.build(17, 0x0A010101, 0x0A010201, bytes(i & 255 for i in range(size)), **fields)


class Host:
    """A reassembly on a clock of its own, and what it gave up."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.trace = Trace()
        self.lost: list[tuple[int, DropReason, bool]] = []
        self.reassembly = Reassembly(self.clock, Sysctls(), self._discard, self._time_out)

    def _discard(self, skb: Skb, dropped: Dropped) -> None:
        self.lost.append((skb.ip.offset, dropped.reason, False))

    def _time_out(self, skb: Skb, dropped: Dropped) -> None:
        self.lost.append((skb.ip.offset, dropped.reason, True))

    def skb(self, data: bytes) -> Skb:
        return Skb(self.trace.open("host", 1, 0), None, bytes(14), data)

    def add(self, data: bytes):
        skb = self.skb(data)
        return self.reassembly.add("test", skb), skb


@given(st.integers(1, 4000), st.integers(68, 1500))
def test_the_cut_is_scapys(size, mtu):
    data = packet(size, ident=77)
    room = (mtu - 20) & ~7
    theirs = [bytes(p) for p in fragment(IP(data), fragsize=room)]
    ours = fragments(data, mtu)
    if size <= room:
        assert len(ours) == 1
        return
    assert [(Ipv4.parse(o).fragment, o[20:]) for o in ours] == [
        (IP(t).flags.value << 13 | IP(t).frag, bytes(IP(t).payload)) for t in theirs
    ]
    assert all(len(o) <= mtu for o in ours)


@given(st.integers(1, 4000), st.integers(68, 1500), st.randoms(use_true_random=False))
def test_joining_in_any_order_gives_the_packet_back(size, mtu, chance):
    data = packet(size, ident=77)
    pieces = fragments(data, mtu)
    if len(pieces) == 1:
        return
    chance.shuffle(pieces)
    host = Host()
    for piece in pieces[:-1]:
        assert isinstance(host.add(piece)[0], Held)
    verdict, skb = host.add(pieces[-1])
    assert verdict is None
    assert skb.network == data


def test_what_was_joined_leaves_in_the_pieces_it_came_in():
    host = Host()
    pieces = fragments(packet(1000, ident=9), 420)
    for piece in pieces[:-1]:
        host.add(piece)
    _, skb = host.add(pieces[-1])
    assert fragments(skb.network, 1400, skb.pieces) == pieces


def test_an_exact_repeat_is_dropped_alone():
    host = Host()
    first, *rest = fragments(packet(1000, ident=9), 420)
    host.add(first)
    assert host.add(first)[0] == Dropped(DropReason.DUP_FRAG)
    for piece in rest[:-1]:
        host.add(piece)
    assert host.add(rest[-1])[0] is None


def test_an_overlap_kills_the_whole_packet():
    host = Host()
    first, second, third = fragments(packet(1000, ident=9), 420)
    host.add(first)
    header = Ipv4.parse(second)
    early = header._replace(fragment=header.fragment - 2).emit() + second[20:]
    verdict, _ = host.add(early)
    assert isinstance(verdict, Dropped)
    assert verdict.reason is DropReason.FRAG_BAD
    host.clock.run(1)
    assert host.lost == [(0, DropReason.FRAG_BAD, False)]
    assert isinstance(host.add(third)[0], Held)


def test_fragments_that_wait_too_long_are_given_up_and_the_first_is_answered():
    host = Host()
    first, second, _ = fragments(packet(1000, ident=9), 420)
    host.add(second)
    host.add(first)
    host.clock.run(TIMEOUT)
    assert host.lost == [
        (0, DropReason.FRAG_REASM_TIMEOUT, True),
        (400, DropReason.FRAG_REASM_TIMEOUT, False),
    ]


def test_without_the_first_fragment_nobody_is_told():
    host = Host()
    host.add(fragments(packet(1000, ident=9), 420)[1])
    host.clock.run(TIMEOUT)
    assert host.lost == [(400, DropReason.FRAG_REASM_TIMEOUT, False)]


def test_fragments_that_said_dont_fragment_say_it_again():
    host = Host()
    pieces = fragments(packet(1000, ident=9), 420, df=True)
    for piece in pieces:
        _, skb = host.add(piece)
    assert skb.ip.df
    assert fragments(skb.network, 1400, skb.pieces, skb.frag_pmtu) == pieces


def test_an_option_without_the_copy_bit_stays_with_the_first_fragment():
    header = Ipv4.parse(packet(0))._replace(version_ihl=0x46, length=24 + 40)
    record_route = b"\x07\x03\x04\x00"
    data = header.emit(record_route) + bytes(40)
    first, second = fragments(data, 48)
    assert first[20:24] == record_route
    assert second[20:24] == b"\x01\x01\x01\x00"
    assert bytes(IP(second)[Raw]) == bytes(len(second) - 24)
