"""The same record again and again: many of them, written as one.

Law: the bytes are those that the writers of pcap and pcapng would write one by one. Numbers are
laid into them column by column, so that a record costs a few copied bytes and no call.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from typing import NamedTuple


class Column(NamedTuple):
    """What moves at ``at`` of a record: ``width`` bytes of ``values`` for each period."""

    at: int
    width: int
    values: bytes


class Row(NamedTuple):
    """A record that comes once a period."""

    record: bytes
    columns: Sequence[Column]


def series(rows: Sequence[Row], times: int) -> bytearray:
    """The records of ``times`` periods, each of them all rows in their order."""
    one = b"".join(row.record for row in rows)
    made = bytearray(one * times)
    start = 0
    for row in rows:
        for at, width, values in row.columns:
            for byte in range(width):
                made[start + at + byte :: len(one)] = values[byte::width]
        start += len(row.record)
    return made


def words(at: int, values: array[int]) -> Column:
    """Words of 16 bits ("H"), in network byte order."""
    return Column(at, 2, _ordered(values[:], "big"))


def counts(at: int, first: int, step: int, times: int) -> Column:
    """Numbers of 64 bits, ``step`` apart, little-endian."""
    values = range(first, first + step * times, step) if step else [first] * times
    return Column(at, 8, _ordered(array("Q", values), "little"))


def pairs(at: int, first: int, step: int, times: int, unit: int) -> Column:
    """Numbers ``step`` apart as two of 32 bits: how many ``unit`` they have, then the rest.

    Within one unit they are evenly spaced numbers of 64 bits, the rest above.
    """
    made = array("Q")
    while times:
        whole, rest = divmod(first, unit)
        count = min(times, -(-(unit - rest) // step))
        made.extend(range(whole | rest << 32, whole | (rest + count * step) << 32, step << 32))
        first, times = first + count * step, times - count
    return Column(at, 8, _ordered(made, "little"))


def _ordered(values: array[int], order: str) -> bytes:
    if sys.byteorder != order:
        values.byteswap()
    return values.tobytes()
