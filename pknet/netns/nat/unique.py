"""Choosing what a connection is translated to (Linux: nf_nat_core.c: get_unique_tuple).

Law: replies must tell connections apart, so no two of them may expect the same reply. A port is
kept wherever that allows it; where it does not, a free one is searched from a drawn place on.
"""

from __future__ import annotations

from random import Random

from pknet.netns.conntrack import status
from pknet.netns.conntrack.connection import Connection, Direction
from pknet.netns.conntrack.protocols.tcp_seen import TcpState
from pknet.netns.conntrack.protocols.tcp_segment import after
from pknet.netns.conntrack.protocols.tcp_states import State
from pknet.netns.conntrack.table import Table
from pknet.netns.conntrack.tuples import PORTED, Tuple
from pknet.netns.nat.jhash import jhash2, scaled
from pknet.netns.netfilter.host import Manip, NatRange
from pknet.wire import ipv4

MAX_ATTEMPTS = 128
HARDER_BELOW = 32  # attempts left, from which closing connections may be evicted
_FEWEST_ATTEMPTS = 16


def _random(wanted: NatRange) -> bool:
    return wanted.random or wanted.random_fully


def _source_in_range(one: Tuple, wanted: NatRange) -> bool:
    """Linux: nf_in_range."""
    if wanted.min_ip and not wanted.min_ip <= one.src <= wanted.max_ip:
        return False
    return not wanted.min_port or _key_in_range(one, Manip.SRC, wanted)


def _key_in_range(one: Tuple, manip: Manip, wanted: NatRange) -> bool:
    """Linux: l4proto_in_range."""
    field = _key_field(one, manip)
    return field is None or wanted.min_port <= getattr(one, field) <= wanted.max_port


def _key_field(one: Tuple, manip: Manip) -> str | None:
    """What may be changed besides the address: a port, or the id of an ICMP query."""
    if one.protocol == ipv4.ICMP:
        return "sport"
    if one.protocol not in PORTED:
        return None
    return "sport" if manip is Manip.SRC else "dport"


def _span(one: Tuple, manip: Manip, wanted: NatRange) -> range | None:
    """From where to choose; None: the port is to stay (Linux: nf_nat_l4proto_unique_tuple)."""
    if wanted.min_port:
        return range(wanted.min_port, wanted.max_port + 1)
    if one.protocol == ipv4.ICMP:
        return range(0x10000)
    if manip is Manip.DST:
        return None
    if one.sport < 512:
        return range(1, 512)  # such ports were proof of a privileged program (RFC 1912 and rsh)
    return range(600, 1024) if one.sport < 1024 else range(1024, 0x10000)


class Chooser:
    """Looks for tuples that nobody else uses. ``chance`` draws where the kernel draws."""

    def __init__(self, table: Table, chance: Random) -> None:
        self._table = table
        self._chance = chance

    def choose(self, ct: Connection, now: Tuple, wanted: NatRange, manip: Manip) -> Tuple:
        """``now`` is what packets bear at present; what they shall bear (get_unique_tuple)."""
        if manip is Manip.SRC and not _random(wanted):
            kept = self._kept(ct, now, wanted)
            if kept is not None:
                return kept
        one = _with_address(now, wanted, manip)
        if not _random(wanted) and self._fits(ct, one, wanted, manip):
            return one
        return self._search(ct, one, wanted, manip)

    def _kept(self, ct: Connection, now: Tuple, wanted: NatRange) -> Tuple | None:
        """What it is already, or else what its source is translated to elsewhere."""
        if _source_in_range(now, wanted):
            return None if self._used(ct, now) else now
        for kin in self._table.of_source(now):
            back = kin.reply.inverse()
            assert back is not None  # its original tuple had an inverse
            one = now._replace(src=back.src, sport=back.sport)
            if _source_in_range(one, wanted):  # the first that would do decides
                return None if self._used(ct, one) else one
        return None

    def _fits(self, ct: Connection, one: Tuple, wanted: NatRange, manip: Manip) -> bool:
        """Whether the port can stay as it is."""
        if not wanted.min_port:
            return not self._used(ct, one)
        if not _key_in_range(one, manip, wanted):
            return False
        return wanted.min_port == wanted.max_port or not self._used(ct, one)

    def _used(self, ct: Connection, one: Tuple) -> bool:
        """Linux: nf_nat_used_tuple."""
        reply = one.inverse()
        return reply is not None and self._table.taken(reply, ct)

    def _search(self, ct: Connection, one: Tuple, wanted: NatRange, manip: Manip) -> Tuple:
        """At most 128 places in a row, then 64 elsewhere, and so on.

        Where all are taken the last one is returned, and confirming will find the clash.
        """
        field, span = _key_field(one, manip), _span(one, manip, wanted)
        if field is None or span is None:
            return one
        draws = _random(wanted) or manip is Manip.SRC
        start = self._draw() if draws else 0
        attempts = min(len(span), MAX_ATTEMPTS)
        while True:
            for tried in range(attempts):
                place = (start + tried & 0xFFFF) % len(span)
                one = one._replace(**{field: span[place]})
                if not self._used_even_so(ct, one, attempts - tried):
                    return one
            if attempts >= len(span) or attempts < _FEWEST_ATTEMPTS:
                return one
            attempts //= 2
            start = self._draw()

    def _draw(self) -> int:
        return self._chance.randrange(0x10000)

    def _used_even_so(self, ct: Connection, one: Tuple, left: int) -> bool:
        """The last attempts take the place of a connection in TIME_WAIT.

        Linux: nf_nat_used_tuple_harder.
        """
        tcp = ct.proto
        if left > HARDER_BELOW or not isinstance(tcp, TcpState) or tcp.state is not State.SYN_SENT:
            return self._used(ct, one)
        reply = one.inverse()
        found = reply and self._table.find(reply)
        if not found:
            return False
        other, direction = found
        if direction is Direction.ORIGINAL or other is ct or not _may_evict(other, tcp):
            return True
        self._table.remove(other)
        return False


def _may_evict(other: Connection, tcp: TcpState) -> bool:
    """It is closing, and its late segments will fall out of the new one's window."""
    old = other.proto
    if not isinstance(old, TcpState) or old.state < State.TIME_WAIT:
        return False
    if other.status & (status.FIXED_TIMEOUT | status.DYING) or not other.status & status.SRC_NAT:
        return False
    return after(tcp.sides[0].end, old.sides[0].end)


def _with_address(one: Tuple, wanted: NatRange, manip: Manip) -> Tuple:
    """Linux: find_best_ips_proto, for IPv4."""
    field = "src" if manip is Manip.SRC else "dst"
    if not wanted.min_ip:
        return one
    if wanted.min_ip == wanted.max_ip:
        return one._replace(**{field: wanted.min_ip})
    # The kernel hashes the addresses as they stand in memory, on a little-endian machine.
    seed = 0 if wanted.persistent else _in_memory(one.dst)
    place = scaled(jhash2((_in_memory(one.src), 0, 0, 0), seed), wanted.max_ip - wanted.min_ip + 1)
    return one._replace(**{field: wanted.min_ip + place})


def _in_memory(address: int) -> int:
    return int.from_bytes(address.to_bytes(4, "big"), "little")
