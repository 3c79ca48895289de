"""A TCP segment's fields: timestamps stand apart from the other options.

Law: the fields cover every byte of the segment, in order.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from pknet.kernel.field import Field, Kind, payload, summed
from pknet.wire import ipv4, tcp
from pknet.wire.checksum import pseudo_header


def tcp_fields(wire: bytes, start: int, end: int, prefix: str, ip: ipv4.Ipv4) -> Iterator[Field]:
    """A segment, whole or as much of it as there is."""
    if end - start < tcp.MIN_HEADER:
        yield from payload(wire, start, end, prefix)
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
    yield summed(f"{name}checksum", start + 16, segment.checksum, wire, range(start, end), pseudo)
    yield Field(f"{name}urgent", start + 18, segment.urgent)
    yield from _tcp_options(wire, start + tcp.MIN_HEADER, body, name)
    yield from payload(wire, body, end, prefix)


def _tcp_options(wire: bytes, start: int, end: int, name: str) -> Iterator[Field]:
    """Timestamps (RFC 7323: kind 8, ten bytes) apart from the rest."""
    found = _timestamps_at(wire, start, end)
    if found is None:
        yield from payload(wire, start, end, f"{name}options.")
        return
    yield from payload(wire, start, found + 2, f"{name}options.")
    for part, at in (("value", found + 2), ("echo", found + 6)):
        value = struct.unpack_from("!I", wire, at)[0]
        yield Field(f"{name}timestamp.{part}", at, value, Kind.TIMESTAMP)
    yield from payload(wire, found + 10, end, f"{name}options.after.")


def _timestamps_at(wire: bytes, at: int, end: int) -> int | None:
    while at + 1 < end and wire[at]:
        if wire[at] == 8 and at + 10 <= end:
            return at
        at += 1 if wire[at] == 1 else max(wire[at + 1], 2)
    return None
