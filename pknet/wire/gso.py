"""One large TCP packet as the segments that a device sends of it.

Law: what they have in common is that of the whole: addresses, ports, options, TTL. IP ids and
sequence numbers count on; what marks the end of the data marks the last alone (Linux:
inet_gso_segment, tcp_gso_segment).
"""

from __future__ import annotations

from collections.abc import Iterator

from pknet.wire import ipv4
from pknet.wire.checksum import checksum, pseudo_header
from pknet.wire.ipv4 import Ipv4
from pknet.wire.tcp import CWR, FIN, PSH, Tcp

_SEQ_AT, _FLAGS_AT, _SUM_AT = 4, 13, 16
_MASK = 0xFFFFFFFF


def longest(packet: bytes, size: int) -> int:
    """Bytes that the longest of them has, its IP header included (Linux: skb_gso_network_seglen).

    ``packet`` is IPv4 with a whole TCP header; ``size``: bytes of payload a segment may have.
    """
    header = Ipv4.parse(packet)
    head = header.header_length + Tcp.parse(packet, header.header_length).data_offset
    return min(head + size, header.length)


def segments(packet: bytes, size: int) -> Iterator[bytes]:
    """Each of them, as an IPv4 packet."""
    header = Ipv4.parse(packet)
    at = header.header_length
    tcp = Tcp.parse(packet, at)
    options, head = packet[ipv4.MIN_HEADER : at], packet[at : at + tcp.data_offset]
    payload = packet[at + tcp.data_offset : header.length]
    for number, start in enumerate(range(0, len(payload), size)):
        data = payload[start : start + size]
        last = start + size >= len(payload)
        flags = tcp.flags & ~((0 if last else FIN | PSH) | (CWR if number else 0))
        segment = _segment(header, head, tcp.seq + start, flags, data)
        ident, length = header.id + number & 0xFFFF, at + len(segment)
        yield header._replace(id=ident, length=length).emit(options) + segment


def _segment(header: Ipv4, head: bytes, seq: int, flags: int, data: bytes) -> bytes:
    """With its checksum."""
    made = bytearray(head + data)
    made[_SEQ_AT : _SEQ_AT + 4] = (seq & _MASK).to_bytes(4, "big")
    made[_FLAGS_AT] = flags
    made[_SUM_AT : _SUM_AT + 2] = bytes(2)
    total = checksum(pseudo_header(header.src, header.dst, ipv4.TCP, len(made)) + bytes(made))
    made[_SUM_AT : _SUM_AT + 2] = total.to_bytes(2, "big")
    return bytes(made)
