"""The same frames again and again: many records of a pcap file, written as one.

Law: the bytes are those that PcapWriter.write would write one by one. Numbers are laid into them
column by column, so that a record costs a few copied bytes and no call.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from sys import byteorder
from typing import NamedTuple

from pknet.capture.pcap import RECORD_LENGTH, SECOND, record

_TIME = 8  # bytes that a record's time takes: seconds, then nanoseconds


class Column(NamedTuple):
    """The 16-bit word at ``at`` of a frame: one value ("H") for each period."""

    at: int
    values: array[int]


class Row(NamedTuple):
    """A frame that is seen once a period: first at ``time``, in nanoseconds."""

    time: int
    wire: bytes
    columns: Sequence[Column] = ()


def series(rows: Sequence[Row], period: int, times: int) -> bytearray:
    """The records of ``times`` periods, each of them all rows in their order."""
    one = b"".join(record(0, row.wire) for row in rows)
    made = bytearray(one * times)
    start = 0
    for row in rows:
        _lay(made, start, len(one), _times(row.time, period, times), _TIME)
        for column in row.columns:
            _lay(made, start + RECORD_LENGTH + column.at, len(one), _words(column.values), 2)
        start += RECORD_LENGTH + len(row.wire)
    return made


def _lay(made: bytearray, start: int, stride: int, column: bytes, width: int) -> None:
    """Write ``column``, whose values have ``width`` bytes, from ``start`` on."""
    for byte in range(width):
        made[start + byte :: stride] = column[byte::width]


def _times(first: int, period: int, times: int) -> bytes:
    """Seconds and nanoseconds, as one number of 64 bits; in one second they are evenly spaced."""
    made = array("Q")
    while times:
        seconds, rest = divmod(first, SECOND)
        count = min(times, -(-(SECOND - rest) // period))
        made.extend(
            range(seconds | rest << 32, seconds | (rest + count * period) << 32, period << 32)
        )
        first, times = first + count * period, times - count
    if byteorder == "big":
        made.byteswap()
    return made.tobytes()


def _words(values: array[int]) -> bytes:
    """In network byte order."""
    made = values[:]
    if byteorder == "little":
        made.byteswap()
    return made.tobytes()
