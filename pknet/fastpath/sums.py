"""Where the checksums of a frame stand, and what each covers.

Law: this finds places; whether a word there is what it seems, the next period shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pknet.wire import icmp, ipv4, udp
from pknet.wire.ethernet import ETH_P_IP, HEADER_LENGTH
from pknet.wire.frame import BareFrame, Frame
from pknet.wire.ipv4 import Ipv4

_L4 = {ipv4.ICMP: 2, ipv4.UDP: 6, ipv4.TCP: 16}  # where in the header
_VXLAN_HEADER = 8


class Sum(NamedTuple):
    """A checksum at ``at`` of the words from ``start`` to ``end``: offsets into the frame."""

    at: int
    start: int
    end: int
    udp: bool = False

    def covers(self, offset: int) -> bool:
        """Whether the word at ``offset`` is one of them."""
        return self.start <= offset < self.end and offset != self.at


def sums(frame: Frame) -> list[Sum]:
    """Those of IPv4, ICMP, UDP and TCP, and of what they carry or quote."""
    if isinstance(frame, BareFrame):
        return list(_packet(frame.wire, 0))
    return list(_framed(frame.wire, 0))


def _framed(wire: bytes, at: int) -> Iterator[Sum]:
    if wire[at + 12 : at + HEADER_LENGTH] == ETH_P_IP.to_bytes(2, "big"):
        yield from _packet(wire, at + HEADER_LENGTH)


def _packet(wire: bytes, at: int) -> Iterator[Sum]:
    if len(wire) < at + ipv4.MIN_HEADER:
        return
    header = Ipv4.parse(wire[at : at + ipv4.MIN_HEADER])
    above = at + header.header_length
    yield Sum(at + 10, at, above)
    if header.is_fragment:
        return
    end = min(at + header.length, len(wire))
    if header.protocol in _L4:
        place = above + _L4[header.protocol]
        if place + 2 <= end and wire[place : place + 2] != b"\0\0":
            yield Sum(place, above, end, header.protocol == ipv4.UDP)
    yield from _carried(wire, header.protocol, above)


def _carried(wire: bytes, protocol: int, at: int) -> Iterator[Sum]:
    """What is inside: a quoted packet, or a tunnelled one."""
    if protocol == ipv4.IPIP:
        yield from _packet(wire, at)
    elif protocol == ipv4.UDP:
        yield from _framed(wire, at + udp.HEADER_LENGTH + _VXLAN_HEADER)
    elif protocol == ipv4.ICMP and at < len(wire) and wire[at] in icmp.ERRORS:
        yield from _packet(wire, at + icmp.HEADER_LENGTH)
