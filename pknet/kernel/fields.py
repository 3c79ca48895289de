"""A frame as a list of named fields, and for each, what about it may differ from run to run.

    Ethernet -> ARP | IPv4 -> ICMP -> quoted IPv4 -> ... | TCP | UDP; whatever else is a payload

Law: the fields cover every byte of the frame, in order, so frames with equal fields are equal.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from pknet.wire import arp, ethernet, icmp, ipv4, tcp, udp
from pknet.wire.address import ip_text, mac_text
from pknet.wire.checksum import checksum, pseudo_header

Flow = tuple[int, ...]


class Kind(Enum):
    """How two values of a field are to be held against each other."""

    FIXED = auto()
    IP_ID = auto()  # the kernel's own choice, unless somebody gave it
    SEQUENCE = auto()  # counted from a random initial number, one for each direction of a flow
    CHECKSUM = auto()
    TIMESTAMP = auto()
    PORT = auto()  # may be an ephemeral one


class Field(NamedTuple):
    """``scope`` says within what an id or a sequence number means anything.

    ``covers`` is the range of bytes that a checksum sums, and ``residue`` what that sum comes to,
    the checksum itself included: 0 where it is right.
    """

    name: str
    at: int
    value: int | bytes
    kind: Kind = Kind.FIXED
    text: str = ""
    scope: Flow = ()
    covers: range = range(0)
    residue: int = 0


def fields(wire: bytes) -> list[Field]:
    """Every field of a frame, in the order of its bytes."""
    if len(wire) < ethernet.HEADER_LENGTH:
        return [Field("frame", 0, wire, text=wire.hex())]
    header = ethernet.Ethernet.parse(wire)
    found = [
        Field("eth.dst", 0, header.dst, text=mac_text(header.dst)),
        Field("eth.src", 6, header.src, text=mac_text(header.src)),
        Field("eth.type", 12, header.type, text=f"{header.type:#06x}"),
    ]
    decode = {ethernet.ETH_P_ARP: _arp, ethernet.ETH_P_IP: _ipv4}.get(header.type, _payload)
    found.extend(decode(wire, ethernet.HEADER_LENGTH, len(wire), ""))
    return found


def _payload(wire: bytes, start: int, end: int, prefix: str) -> Iterator[Field]:
    if end > start:
        yield Field(f"{prefix}payload", start, wire[start:end], text=wire[start:end].hex())


def _arp(wire: bytes, start: int, end: int, prefix: str) -> Iterator[Field]:
    packet = arp.Arp.parse(wire[start:end])
    if packet is None:
        yield from _payload(wire, start, end, prefix)
        return
    yield Field("arp.operation", start + 6, packet.operation)
    yield Field("arp.sender_mac", start + 8, packet.sender_mac, text=mac_text(packet.sender_mac))
    yield Field("arp.sender_ip", start + 14, packet.sender_ip, text=ip_text(packet.sender_ip))
    yield Field("arp.target_mac", start + 18, packet.target_mac, text=mac_text(packet.target_mac))
    yield Field("arp.target_ip", start + 24, packet.target_ip, text=ip_text(packet.target_ip))
    yield from _payload(wire, start + arp.LENGTH, end, prefix)


def _ipv4(wire: bytes, start: int, end: int, prefix: str) -> Iterator[Field]:
    """A packet, whole or as much of it as an ICMP error quotes."""
    if end - start < ipv4.MIN_HEADER:
        yield from _payload(wire, start, end, prefix)
        return
    ip = ipv4.Ipv4.parse(wire[start:end])
    body = start + max(ip.header_length, ipv4.MIN_HEADER)
    if body > end:
        yield from _payload(wire, start, end, prefix)
        return
    yield from _ipv4_header(wire, start, body, prefix, ip)
    last = min(end, start + max(ip.length, body - start))
    decode = _TRANSPORTS.get(ip.protocol)
    if decode is None or ip.offset:
        yield from _payload(wire, body, last, prefix)
    else:
        yield from decode(wire, body, last, prefix, ip)
    yield from _payload(wire, last, end, f"{prefix}padding.")


def _ipv4_header(wire: bytes, start: int, body: int, prefix: str, ip: ipv4.Ipv4) -> Iterator[Field]:
    name = f"{prefix}ip."
    # Who gives an id (a ping's, say) gives it to one kind of packet: that is part of its scope.
    subtype = wire[body] if ip.protocol == ipv4.ICMP and not ip.offset and body < len(wire) else -1
    yield Field(f"{name}version_ihl", start, ip.version_ihl, text=f"{ip.version_ihl:#04x}")
    yield Field(f"{name}tos", start + 1, ip.tos, text=f"{ip.tos:#04x}")
    yield Field(f"{name}length", start + 2, ip.length)
    yield Field(
        f"{name}id", start + 4, ip.id, Kind.IP_ID, scope=(ip.src, ip.dst, ip.protocol, subtype)
    )
    yield Field(f"{name}flags_offset", start + 6, ip.fragment, text=f"{ip.fragment:#06x}")
    yield Field(f"{name}ttl", start + 8, ip.ttl)
    yield Field(f"{name}protocol", start + 9, ip.protocol)
    yield _sum(f"{name}checksum", start + 10, ip.checksum, wire, range(start, body))
    yield Field(f"{name}src", start + 12, ip.src, text=ip_text(ip.src))
    yield Field(f"{name}dst", start + 16, ip.dst, text=ip_text(ip.dst))
    yield from _payload(wire, start + ipv4.MIN_HEADER, body, f"{name}options.")


def _icmp(wire: bytes, start: int, end: int, prefix: str, ip: ipv4.Ipv4) -> Iterator[Field]:
    if end - start < icmp.HEADER_LENGTH:
        yield from _payload(wire, start, end, prefix)
        return
    message = icmp.Icmp.parse(wire, start)
    name = f"{prefix}icmp."
    yield Field(f"{name}type", start, message.type)
    yield Field(f"{name}code", start + 1, message.code)
    yield _sum(f"{name}checksum", start + 2, message.checksum, wire, range(start, end))
    yield Field(f"{name}rest", start + 4, message.rest, text=f"{message.rest:#010x}")
    body = start + icmp.HEADER_LENGTH
    if message.type in icmp.ERRORS:
        yield from _ipv4(wire, body, end, f"{prefix}quoted.")
    else:
        yield from _payload(wire, body, end, prefix)


def _udp(wire: bytes, start: int, end: int, prefix: str, ip: ipv4.Ipv4) -> Iterator[Field]:
    if end - start < udp.HEADER_LENGTH:
        yield from _payload(wire, start, end, prefix)
        return
    datagram = udp.Udp.parse(wire, start)
    name = f"{prefix}udp."
    pseudo = pseudo_header(ip.src, ip.dst, ip.protocol, datagram.length)
    yield Field(f"{name}sport", start, datagram.sport, Kind.PORT)
    yield Field(f"{name}dport", start + 2, datagram.dport, Kind.PORT)
    yield Field(f"{name}length", start + 4, datagram.length)
    yield _sum(f"{name}checksum", start + 6, datagram.checksum, wire, range(start, end), pseudo)
    yield from _payload(wire, start + udp.HEADER_LENGTH, end, prefix)


def _tcp(wire: bytes, start: int, end: int, prefix: str, ip: ipv4.Ipv4) -> Iterator[Field]:
    if end - start < tcp.MIN_HEADER:
        yield from _payload(wire, start, end, prefix)
        return
    segment = tcp.Tcp.parse(wire, start)
    name = f"{prefix}tcp."
    forth = (ip.src, segment.sport, ip.dst, segment.dport)
    back = (ip.dst, segment.dport, ip.src, segment.sport)
    total = ip.length - ip.header_length
    pseudo = pseudo_header(ip.src, ip.dst, ip.protocol, total & 0xFFFF)
    body = min(end, start + max(segment.data_offset, tcp.MIN_HEADER))
    offset_byte = wire[start + 12]
    yield Field(f"{name}sport", start, segment.sport, Kind.PORT)
    yield Field(f"{name}dport", start + 2, segment.dport, Kind.PORT)
    yield Field(f"{name}seq", start + 4, segment.seq, Kind.SEQUENCE, scope=forth)
    yield Field(f"{name}ack", start + 8, segment.ack, Kind.SEQUENCE, scope=back)
    yield Field(f"{name}data_offset", start + 12, offset_byte, text=f"{segment.data_offset}")
    yield Field(f"{name}flags", start + 13, segment.flags, text=tcp.flag_names(segment.flags))
    yield Field(f"{name}window", start + 14, segment.window)
    yield _sum(f"{name}checksum", start + 16, segment.checksum, wire, range(start, end), pseudo)
    yield Field(f"{name}urgent", start + 18, segment.urgent)
    yield from _tcp_options(wire, start + tcp.MIN_HEADER, body, name, back)
    yield from _payload(wire, body, end, prefix)


def _tcp_options(wire: bytes, at: int, end: int, name: str, back: Flow) -> Iterator[Field]:
    """Numbers that each run has its own of apart from the rest."""
    plain = at
    while at + 1 < end and wire[at]:
        after = at + (1 if wire[at] == 1 else max(wire[at + 1], 2))
        if wire[at] in _OPTION_NUMBERS and after <= end:
            yield from _payload(wire, plain, at + 2, f"{name}options.")
            kind, parts = _OPTION_NUMBERS[wire[at]]
            for place in range(at + 2, after - 3, 4):
                value = struct.unpack_from("!I", wire, place)[0]
                part = f"{name}{parts[(place - at - 2) // 4 % 2]}"
                yield Field(part, place, value, kind, scope=back if kind is Kind.SEQUENCE else ())
            plain = after
        at = after
    yield from _payload(wire, plain, end, f"{name}options.")


#: RFC 7323, section 3.2; RFC 2018, section 3: blocks of what the peer sent.
_OPTION_NUMBERS = {
    8: (Kind.TIMESTAMP, ("timestamp.value", "timestamp.echo")),
    5: (Kind.SEQUENCE, ("sack.left", "sack.right")),
}


def _sum(name: str, at: int, stored: int, wire: bytes, covers: range, pseudo: bytes = b"") -> Field:
    residue = checksum(pseudo + wire[covers.start : covers.stop])
    return Field(name, at, stored, Kind.CHECKSUM, f"{stored:#06x}", covers=covers, residue=residue)


_TRANSPORTS = {ipv4.ICMP: _icmp, ipv4.TCP: _tcp, ipv4.UDP: _udp}
