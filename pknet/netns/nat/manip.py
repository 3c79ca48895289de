"""Writing a translation into a packet (Linux: nf_nat_proto.c).

Law: a packet is made to look like the inverse of what the other direction bears; doing so twice
changes nothing more.
"""

from __future__ import annotations

from typing import NamedTuple

from pknet.netns.conntrack.connection import Connection, Direction
from pknet.netns.conntrack.tuples import PORTED, Tuple, read
from pknet.netns.netfilter.host import Manip
from pknet.wire import ipv4
from pknet.wire.address import ip_text
from pknet.wire.rewrite import rewrite


class End(NamedTuple):
    """One end of a packet: an address, and a port or an ICMP id where there is one."""

    address: int
    key: int | None
    is_port: bool

    def __str__(self) -> str:
        if self.key is None:
            return ip_text(self.address)
        return f"{ip_text(self.address)}{':' if self.is_port else ' id '}{self.key}"


class Change(NamedTuple):
    """What was changed, from what to what."""

    old: End
    new: End

    def __str__(self) -> str:
        if self.old.key == self.new.key and not self.old.is_port:
            return f"{ip_text(self.old.address)} -> {ip_text(self.new.address)}"
        return f"{self.old} -> {self.new}"


def end_of(one: Tuple, manip: Manip) -> End:
    """The end that ``manip`` changes."""
    ported = one.protocol in PORTED
    address, port = (one.src, one.sport) if manip is Manip.SRC else (one.dst, one.dport)
    if one.protocol == ipv4.ICMP:
        return End(address, one.sport, False)
    return End(address, port if ported else None, ported)


def target_of(ct: Connection, direction: Direction) -> Tuple:
    """What a packet of ``direction`` shall look like when all is done (nf_nat_manip_pkt)."""
    target = ct.tuple(direction.other).inverse()
    assert target is not None  # both tuples of a connection have an inverse
    return target


def manipulated(data: bytes, target: Tuple, manip: Manip) -> bytes:
    """``data`` with the end of ``target`` (Linux: nf_nat_ipv4_manip_pkt)."""
    end = end_of(target, manip)
    if manip is Manip.SRC:
        return rewrite(data, src=end.address, sport=end.key)
    return rewrite(data, dst=end.address, dport=end.key)


def change(data: bytes, target: Tuple, manip: Manip) -> Change:
    """What manipulating ``data`` changes; both sides are equal where nothing does."""
    before = read(data)
    assert before is not None  # tracking has read the same headers
    return Change(end_of(before, manip), end_of(target, manip))
