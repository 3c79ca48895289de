"""A frame as a list of named fields, and for each, what about it may differ from run to run.

    Ethernet -> ARP | IPv4 -> ICMP -> quoted IPv4 -> ... | IPIP -> IPv4 | TCP | UDP -> VXLAN ->
    Ethernet -> ...; whatever else is a payload

Law: the fields cover every byte of the frame, in order, so frames with equal fields are equal.
"""

from __future__ import annotations

from collections.abc import Iterator

from pknet.kernel.field import Field, Kind, payload, summed
from pknet.kernel.fields_options import filled_times, option_fields, sum_before
from pknet.kernel.fields_tcp import tcp_fields
from pknet.wire import arp, ethernet, icmp, ipv4, udp, vxlan
from pknet.wire.address import ip_text, mac_text
from pknet.wire.checksum import pseudo_header


def fields(wire: bytes) -> list[Field]:
    """Every field of a frame, in the order of its bytes."""
    if len(wire) < ethernet.HEADER_LENGTH:
        return [Field("frame", 0, wire, text=wire.hex())]
    return list(_ethernet(wire, 0, len(wire), ""))


def _ethernet(wire: bytes, start: int, end: int, prefix: str) -> Iterator[Field]:
    header = ethernet.Ethernet.parse(wire[start:])
    name = f"{prefix}eth."
    yield Field(f"{name}dst", start, header.dst, text=mac_text(header.dst))
    yield Field(f"{name}src", start + 6, header.src, text=mac_text(header.src))
    yield Field(f"{name}type", start + 12, header.type, text=f"{header.type:#06x}")
    decode = {ethernet.ETH_P_ARP: _arp, ethernet.ETH_P_IP: _ipv4}.get(header.type, payload)
    yield from decode(wire, start + ethernet.HEADER_LENGTH, end, prefix)


def _arp(wire: bytes, start: int, end: int, prefix: str) -> Iterator[Field]:
    packet = arp.Arp.parse(wire[start:end])
    if packet is None:
        yield from payload(wire, start, end, prefix)
        return
    yield Field(f"{prefix}arp.operation", start + 6, packet.operation)
    yield Field(
        f"{prefix}arp.sender_mac", start + 8, packet.sender_mac, text=mac_text(packet.sender_mac)
    )
    yield Field(
        f"{prefix}arp.sender_ip", start + 14, packet.sender_ip, text=ip_text(packet.sender_ip)
    )
    yield Field(
        f"{prefix}arp.target_mac", start + 18, packet.target_mac, text=mac_text(packet.target_mac)
    )
    yield Field(
        f"{prefix}arp.target_ip", start + 24, packet.target_ip, text=ip_text(packet.target_ip)
    )
    yield from payload(wire, start + arp.LENGTH, end, prefix)


def _ipv4(wire: bytes, start: int, end: int, prefix: str) -> Iterator[Field]:
    """A packet, whole or as much of it as an ICMP error quotes."""
    if end - start < ipv4.MIN_HEADER:
        yield from payload(wire, start, end, prefix)
        return
    ip = ipv4.Ipv4.parse(wire[start:end])
    body = start + max(ip.header_length, ipv4.MIN_HEADER)
    if body > end:
        yield from payload(wire, start, end, prefix)
        return
    yield from _ipv4_header(wire, start, body, prefix, ip)
    last = min(end, start + max(ip.length, body - start))
    decode = _TRANSPORTS.get(ip.protocol)
    if decode is None or ip.offset:
        yield from payload(wire, body, last, prefix)
    else:
        yield from decode(wire, body, last, prefix, ip)
    yield from payload(wire, last, end, f"{prefix}padding.")


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
    options = start + ipv4.MIN_HEADER
    times = list(filled_times(wire, options, body))
    covered = range(start, body)
    header_sum = summed(f"{name}checksum", start + 10, ip.checksum, wire, covered)
    yield header_sum._replace(earlier=sum_before(wire, covered, times))
    yield Field(f"{name}src", start + 12, ip.src, text=ip_text(ip.src))
    yield Field(f"{name}dst", start + 16, ip.dst, text=ip_text(ip.dst))
    yield from option_fields(wire, options, body, times, f"{name}options.")


def _icmp(wire: bytes, start: int, end: int, prefix: str, ip: ipv4.Ipv4) -> Iterator[Field]:
    if end - start < icmp.HEADER_LENGTH:
        yield from payload(wire, start, end, prefix)
        return
    message = icmp.Icmp.parse(wire, start)
    name = f"{prefix}icmp."
    yield Field(f"{name}type", start, message.type)
    yield Field(f"{name}code", start + 1, message.code)
    yield summed(f"{name}checksum", start + 2, message.checksum, wire, range(start, end))
    yield Field(f"{name}rest", start + 4, message.rest, text=f"{message.rest:#010x}")
    body = start + icmp.HEADER_LENGTH
    if message.type in icmp.ERRORS:
        yield from _ipv4(wire, body, end, f"{prefix}quoted.")
    elif message.type == icmp.TIMESTAMP_REPLY and end - body == _TIMES:
        yield Field(f"{name}originate", body, wire[body : body + 4])
        for at, which in enumerate(("receive", "transmit"), 1):
            value = int.from_bytes(wire[body + 4 * at :][:4], "big")
            yield Field(f"{name}{which}", body + 4 * at, value, Kind.TIME_OF_DAY)
    else:
        yield from payload(wire, body, end, prefix)


def _udp(wire: bytes, start: int, end: int, prefix: str, ip: ipv4.Ipv4) -> Iterator[Field]:
    if end - start < udp.HEADER_LENGTH:
        yield from payload(wire, start, end, prefix)
        return
    datagram = udp.Udp.parse(wire, start)
    name = f"{prefix}udp."
    pseudo = pseudo_header(ip.src, ip.dst, ip.protocol, datagram.length)
    body = start + udp.HEADER_LENGTH
    carries = _carries_frame(wire[body:end])
    yield Field(f"{name}sport", start, datagram.sport, Kind.FLOW_HASH if carries else Kind.PORT)
    yield Field(f"{name}dport", start + 2, datagram.dport, Kind.PORT)
    yield Field(f"{name}length", start + 4, datagram.length)
    if datagram.checksum:
        covered = range(start, end)
        yield summed(f"{name}checksum", start + 6, datagram.checksum, wire, covered, pseudo)
    else:  # none was computed (RFC 768)
        yield Field(f"{name}checksum", start + 6, 0, Kind.CHECKSUM, "none")
    yield from (_vxlan if carries else payload)(wire, body, end, prefix)


def _carries_frame(data: bytes) -> bool:
    """Whether a datagram's payload is a VXLAN header and a frame of ARP or IPv4.

    Known by its bytes, for the port is the topology's choice.
    """
    if len(data) < vxlan.HEADER_LENGTH + ethernet.HEADER_LENGTH:
        return False
    inner = ethernet.Ethernet.parse(data[vxlan.HEADER_LENGTH :])
    header = vxlan.Vxlan.parse(data)
    return header.flags == vxlan.FLAG_VNI and not header.reserved and inner.type in _INNER_TYPES


def _vxlan(wire: bytes, start: int, end: int, prefix: str) -> Iterator[Field]:
    header = vxlan.Vxlan.parse(wire, start)
    name = f"{prefix}vxlan."
    yield Field(f"{name}flags", start, header.flags, text=f"{header.flags:#010x}")
    yield Field(f"{name}vni", start + 4, header.vni_word, text=str(header.vni))
    yield from _ethernet(wire, start + vxlan.HEADER_LENGTH, end, f"{prefix}inner.")


def _ipip(wire: bytes, start: int, end: int, prefix: str, ip: ipv4.Ipv4) -> Iterator[Field]:
    yield from _ipv4(wire, start, end, f"{prefix}inner.")


_TIMES = 12  # bytes: originate, receive, transmit (RFC 792)
_INNER_TYPES = (ethernet.ETH_P_ARP, ethernet.ETH_P_IP)
_TRANSPORTS = {ipv4.ICMP: _icmp, ipv4.IPIP: _ipip, ipv4.TCP: tcp_fields, ipv4.UDP: _udp}
