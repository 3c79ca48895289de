"""Changing a packet's headers in its bytes.

Law: checksums are patched by the difference (RFC 1624), so what was wrong stays as wrong as it
was; a UDP checksum of 0 (none) stays 0, and one that comes out 0 is written 0xffff. A later
fragment has no ports to change.
"""

from __future__ import annotations

from pknet.wire import icmp, ipv4
from pknet.wire.checksum import checksum, pseudo_header, updated, updated32
from pknet.wire.crc32c import crc32c
from pknet.wire.ipv4 import Ipv4

_SUM_AT = {ipv4.TCP: 16, ipv4.UDP: 6}  # where the checksum stands in the transport header
_WHOLE = {ipv4.TCP: 20, ipv4.UDP: 8}  # bytes; with less of the header, its checksum stays
_PORTS = 8  # bytes; with less of the header, its ports stay too
_SCTP_SUM_AT, _SCTP_WHOLE = 8, 12

#: ICMP messages with an id: echo, timestamp, information, address mask (Linux: icmp_manip_pkt).
_WITH_ID = frozenset({0, 8, 13, 14, 15, 16, 17, 18})


def decrement_ttl(data: bytes) -> bytes:
    """One hop less to live (Linux: ip_decrease_ttl). ``data`` is an IPv4 packet, its TTL over 0."""
    old = int.from_bytes(data[8:10], "big")
    total = updated(int.from_bytes(data[10:12], "big"), old, old - 0x100)
    return data[:8] + (old - 0x100).to_bytes(2, "big") + total.to_bytes(2, "big") + data[12:]


def rewrite(
    data: bytes,
    *,
    src: int | None = None,
    dst: int | None = None,
    sport: int | None = None,
    dport: int | None = None,
) -> bytes:
    """``data`` (an IPv4 packet) with other addresses and ports (Linux: nf_nat_manip_pkt).

    For ICMP messages with an id, ``sport`` or ``dport`` is the id. Headers that are cut short,
    and fragments after the first, get new addresses only; of a quoted header, which may end
    after eight bytes, the ports change and the checksum is left out. Raises struct.error where
    there are fewer than 20 bytes.
    """
    header = Ipv4.parse(data)
    out = bytearray(data)
    changes = [(12, header.src, src), (16, header.dst, dst)]
    addresses = [(at, old, new) for at, old, new in changes if new is not None and new != old]
    if not header.offset:
        _transport(out, header, addresses, sport, dport)
    for at, old, new in addresses:
        _patch_sum(out, 10, 32, old, new)
        out[at : at + 4] = new.to_bytes(4, "big")
    return bytes(out)


def pseudo_summed(data: bytes) -> bytes:
    """``data``, a TCP or UDP packet, with a checksum that sums the pseudo header alone.

    So a packet looks whose checksum the device is to complete (Linux: CHECKSUM_PARTIAL).
    """
    header = Ipv4.parse(data)
    at = header.header_length + _SUM_AT[header.protocol]
    size = header.length - header.header_length
    total = 0xFFFF - checksum(pseudo_header(header.src, header.dst, header.protocol, size))
    return data[:at] + total.to_bytes(2, "big") + data[at + 2 :]


def _patch_sum(out: bytearray, at: int, bits: int, old: int, new: int) -> None:
    total = int.from_bytes(out[at : at + 2], "big")
    patched = updated32(total, old, new) if bits == 32 else updated(total, old, new)
    out[at : at + 2] = patched.to_bytes(2, "big")


def _transport(
    out: bytearray,
    header: Ipv4,
    addresses: list[tuple[int, int, int]],
    sport: int | None,
    dport: int | None,
) -> None:
    start = header.header_length
    there = len(out) - start
    if header.protocol == ipv4.ICMP and there >= icmp.HEADER_LENGTH:
        _set_icmp_id(out, start, sport if sport is not None else dport)
    elif header.protocol in _SUM_AT and there >= _PORTS:
        ports = _set_ports(out, start, sport, dport)
        if there >= _WHOLE[header.protocol]:
            _patch_transport(out, start, header.protocol, addresses, ports)
    elif header.protocol == ipv4.SCTP and there >= _PORTS:
        _set_ports(out, start, sport, dport)
        if there >= _SCTP_WHOLE:
            _sum_sctp(out, start, header.length)


def _set_ports(
    out: bytearray, start: int, sport: int | None, dport: int | None
) -> list[tuple[int, int]]:
    """Write the ports; returns (old, new) for each that changed."""
    changed = []
    for at, new in ((start, sport), (start + 2, dport)):
        old = int.from_bytes(out[at : at + 2], "big")
        if new is not None and new != old:
            out[at : at + 2] = new.to_bytes(2, "big")
            changed.append((old, new))
    return changed


def _patch_transport(
    out: bytearray,
    start: int,
    protocol: int,
    addresses: list[tuple[int, int, int]],
    ports: list[tuple[int, int]],
) -> None:
    """TCP's and UDP's checksum, which covers the addresses (Linux: nf_nat_csum)."""
    at = start + _SUM_AT[protocol]
    if protocol == ipv4.UDP and out[at : at + 2] == b"\0\0":
        return  # it was sent without
    for _, old, new in addresses:
        _patch_sum(out, at, 32, old, new)
    for old, new in ports:
        _patch_sum(out, at, 16, old, new)
    if protocol == ipv4.UDP and out[at : at + 2] == b"\0\0":
        out[at : at + 2] = b"\xff\xff"


def _sum_sctp(out: bytearray, start: int, end: int) -> None:
    """SCTP's checksum is a CRC: summed anew (RFC 9260, appendix A; Linux: sctp_manip_pkt)."""
    at = start + _SCTP_SUM_AT
    out[at : at + 4] = bytes(4)
    out[at : at + 4] = crc32c(bytes(out[start:end])).to_bytes(4, "little")


def _set_icmp_id(out: bytearray, start: int, new: int | None) -> None:
    if new is None or out[start] not in _WITH_ID:
        return
    at = start + 4
    old = int.from_bytes(out[at : at + 2], "big")
    _patch_sum(out, start + 2, 16, old, new)
    out[at : at + 2] = new.to_bytes(2, "big")
