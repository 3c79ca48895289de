"""What is repeated in the trace, as records of a pcap or blocks of a pcapng.

Law: none of its frames is made for it: records are written many at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from pknet.capture import pcap, pcapng
from pknet.capture.series import Column, Row, counts, pairs, series, words
from pknet.fastpath.cycle import RepeatedTaps
from pknet.trace import Tap

AT_ONCE = 4096  # periods that are in memory at a time


class Span(NamedTuple):
    """``times`` periods, from ``first`` (1: the one after the model) on."""

    taps: RepeatedTaps
    first: int
    times: int

    def tap(self, entry: int) -> Tap:
        """Entry number ``entry`` of the first of them."""
        return self.taps.make(self.first - 1)[entry]

    def words(self, entry: int, start: int) -> list[Column]:
        """What moves in its frame, which stands at ``start`` of a record."""
        moving = self.taps.cycle.frames[entry].words
        return [words(start + word.at, word.values(self.first, self.times)) for word in moving]

    def pcap_row(self, entry: int) -> Row:
        """The entry in its interface's own file."""
        time, period = self.tap(entry).time, self.taps.cycle.period
        when = pairs(pcap.TIME_AT, time, period, self.times, pcap.SECOND)
        record = pcap.record(time, self.tap(entry).frame.wire)
        return Row(record, [when, *self.words(entry, pcap.RECORD_LENGTH)])

    def pcapng_row(self, entry: int, interface: int, comments: Sequence[str]) -> Row:
        """The entry in the file of all interfaces."""
        tap, cycle = self.tap(entry), self.taps.cycle
        block = pcapng.packet_block(
            interface, tap.time, tap.frame.wire, tap.direction, tap.hop.packet, comments
        )
        when = pairs(pcapng.TIME_AT, tap.time, cycle.period, self.times, pcapng.TIME_UNIT)
        ids = counts(len(block) - pcapng.PACKETID_FROM_END, tap.hop.packet, cycle.packets,
                     self.times)  # fmt: skip
        return Row(block, [when, ids, *self.words(entry, pcapng.DATA_AT)])


def spans(taps: RepeatedTaps) -> Iterator[Span]:
    """All of it, piece by piece."""
    for first in range(0, taps.times, AT_ONCE):
        yield Span(taps, first + 1, min(AT_ONCE, taps.times - first))


def records(taps: RepeatedTaps, rows: Callable[[Span], Sequence[Row]]) -> Iterator[bytearray]:
    """All periods, each as the ``rows`` of a span have it; some thousand periods at a time."""
    return (series(rows(span), span.times) for span in spans(taps))
