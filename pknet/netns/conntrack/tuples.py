"""One end to another: how a packet names its connection (Linux: struct nf_conntrack_tuple).

Law: a connection is known by two tuples, that of its first packet and that of the reply it
expects. Without NAT each is the inverse of the other. The address family is a value.
"""

from __future__ import annotations

from typing import NamedTuple

from pknet.wire import ipv4
from pknet.wire.address import ip_text
from pknet.wire.ipv4 import Ipv4

IPV4 = 2  # Linux: NFPROTO_IPV4
GRE = 47

#: Protocols whose header begins with two ports.
PORTED = frozenset({ipv4.TCP, ipv4.UDP, ipv4.SCTP})

_PPTP, _PPP = 1, 0x880B  # the GRE version that has call ids, and what it carries (RFC 2637)

#: ICMP queries and their replies, both ways (Linux: invmap).
ICMP_INVERSE = {8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17}


class Tuple(NamedTuple):
    """Addresses and, per protocol, what tells connections between them apart.

    ``sport`` and ``dport`` are ports; for ICMP the id and ``type << 8 | code``; for PPTP's GRE 0
    and the call id; else 0.
    """

    family: int
    protocol: int
    src: int
    dst: int
    sport: int = 0
    dport: int = 0

    def inverse(self) -> Tuple | None:
        """What a reply bears; None: nothing replies to that (Linux: nf_ct_invert_tuple)."""
        family, protocol, src, dst, sport, dport = self
        if protocol != ipv4.ICMP:
            return Tuple(family, protocol, dst, src, dport, sport)
        kind = ICMP_INVERSE.get(dport >> 8)
        if kind is None:
            return None
        return Tuple(family, protocol, dst, src, sport, kind << 8 | dport & 0xFF)

    def __str__(self) -> str:
        if self.protocol in PORTED:
            return f"{ip_text(self.src)}:{self.sport} > {ip_text(self.dst)}:{self.dport}"
        more = f" id {self.sport}" if self.protocol == ipv4.ICMP else ""
        return f"{ip_text(self.src)} > {ip_text(self.dst)}{more}"


def read(data: bytes) -> Tuple | None:
    """The tuple of an IPv4 packet; a quoted one may be cut short (Linux: nf_ct_get_tuplepr).

    None where the transport header is not there: a later fragment, or too few bytes.
    """
    if len(data) < ipv4.MIN_HEADER:
        return None
    header = Ipv4.parse(data)
    start = header.header_length
    if header.fragment & ipv4.OFFSET_MASK or start > len(data):
        return None
    ports = _discriminators(header.protocol, data[start : start + 8])
    return ports and Tuple(IPV4, header.protocol, header.src, header.dst, *ports)


def _discriminators(protocol: int, data: bytes) -> tuple[int, int] | None:
    if protocol in PORTED:
        if len(data) < 4:
            return None
        return int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big")
    if protocol == ipv4.ICMP:
        if len(data) < 8:
            return None
        return int.from_bytes(data[4:6], "big"), int.from_bytes(data[:2], "big")
    return _gre(data) if protocol == GRE else (0, 0)


def _gre(data: bytes) -> tuple[int, int] | None:
    """Linux: gre_pkt_to_tuple, where no helper knows the other side's call id."""
    if len(data) < 8 or data[1] & 7 != _PPTP:
        return 0, 0
    if int.from_bytes(data[2:4], "big") != _PPP:
        return None
    return 0, int.from_bytes(data[6:8], "big")
