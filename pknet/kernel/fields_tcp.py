"""A TCP segment's fields: numbers of a run's own stand apart from other options.

Law: the fields cover every byte of the segment, in order.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from pknet.kernel.field import Field, Flow, Kind, payload, summed
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
    yield from _tcp_options(wire, start + tcp.MIN_HEADER, body, name, back)
    yield from payload(wire, body, end, prefix)


def _tcp_options(wire: bytes, at: int, end: int, name: str, back: Flow) -> Iterator[Field]:
    """Numbers that each run has its own of apart from the rest."""
    plain = at
    while at + 1 < end and wire[at]:
        after = at + (1 if wire[at] == 1 else max(wire[at + 1], 2))
        if wire[at] in _OPTION_NUMBERS and after <= end:
            yield from payload(wire, plain, at + 2, f"{name}options.")
            kind, parts = _OPTION_NUMBERS[wire[at]]
            for place in range(at + 2, after - 3, 4):
                value = struct.unpack_from("!I", wire, place)[0]
                part = f"{name}{parts[(place - at - 2) // 4 % 2]}"
                yield Field(part, place, value, kind, scope=back if kind is Kind.SEQUENCE else ())
            plain = after
        at = after
    yield from payload(wire, plain, end, f"{name}options.")


#: RFC 7323, section 3.2; RFC 2018, section 3: blocks of what the peer sent.
_OPTION_NUMBERS = {
    8: (Kind.TIMESTAMP, ("timestamp.value", "timestamp.echo")),
    5: (Kind.SEQUENCE, ("sack.left", "sack.right")),
}
