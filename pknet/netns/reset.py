"""The RST that answers a segment nobody wants (RFC 9293, section 3.10.7.1)."""

from __future__ import annotations

from pknet.wire import ipv4, tcp
from pknet.wire.checksum import checksum, pseudo_header
from pknet.wire.ipv4 import Ipv4
from pknet.wire.tcp import Tcp


def reset_for(data: bytes, ttl: int) -> bytes | None:
    """The packet that answers ``data``, an IPv4 packet that holds a TCP segment.

    None: it is itself a reset, a fragment, or damaged (Linux: nf_reject_ip_tcphdr_get).
    """
    header = Ipv4.parse(data)
    segment = data[header.header_length : header.length]
    if header.offset or len(segment) < tcp.MIN_HEADER:
        return None
    head = Tcp.parse(segment)
    if head.flags & tcp.RST:
        return None
    if checksum(pseudo_header(header.src, header.dst, ipv4.TCP, len(segment)) + segment):
        return None
    if head.flags & tcp.ACK:
        seq, ack, flags = head.ack, 0, tcp.RST
    else:
        used = len(segment) - head.data_offset
        used += bool(head.flags & tcp.SYN) + bool(head.flags & tcp.FIN)
        seq, ack, flags = 0, (head.seq + used) & 0xFFFFFFFF, tcp.RST | tcp.ACK
    reply = tcp.build(header.dst, header.src, head.dport, head.sport, seq, ack, flags, 0)
    return ipv4.build(ipv4.TCP, header.dst, header.src, reply, fragment=ipv4.DF, ttl=ttl)
