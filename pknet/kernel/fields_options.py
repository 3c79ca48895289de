"""IP options as fields: the times in them are the machine's own (RFC 791, timestamp option).

Law: a time that is there on one side is there on the other; what it says is nobody's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pknet.kernel.field import Field, Kind, payload
from pknet.wire.checksum import checksum
from pknet.wire.ip_options import ADDRESS, END, NOOP, TIMES_ONLY, TIMESTAMP

_FIRST = 4  # bytes of a timestamp option before its entries


def filled_times(wire: bytes, start: int, end: int) -> Iterator[int]:
    """Where times have been written into the options from ``start`` to ``end``."""
    at = start
    while at < end and wire[at] != END:
        length = 1 if wire[at] == NOOP else wire[at + 1] if at + 1 < end else 0
        if not length:
            return
        if wire[at] == TIMESTAMP and _FIRST < length <= end - at:
            yield from _in_option(wire, at, length)
        at += length


def _in_option(wire: bytes, at: int, length: int) -> Iterator[int]:
    alone = wire[at + 3] & 15 == TIMES_ONLY
    entry = ADDRESS if alone else 2 * ADDRESS
    written = min(wire[at + 2] - 1, length)
    last = at + written - entry
    return (start + entry - ADDRESS for start in range(at + _FIRST, last + 1, entry))


def option_fields(
    wire: bytes, start: int, end: int, times: Sequence[int], prefix: str
) -> Iterator[Field]:
    """The options from ``start`` to ``end``; each of ``times`` is a field of its own."""
    for time in times:
        yield from payload(wire, start, time, prefix)
        value = int.from_bytes(wire[time : time + ADDRESS], "big")
        yield Field(f"{prefix}time", time, value, Kind.TIME_OF_DAY)
        start = time + ADDRESS
    yield from payload(wire, start, end, prefix)


def sum_before(wire: bytes, covers: range, times: Sequence[int]) -> int | None:
    """The sum over ``covers`` before the last of ``times`` was written, which an ICMP error may
    quote (Linux: ip_options_compile leaves the header's checksum as it is); None: no times."""
    if not times:
        return None
    last = times[-1]
    before = wire[covers.start : last] + bytes(ADDRESS) + wire[last + ADDRESS : covers.stop]
    return checksum(before)
