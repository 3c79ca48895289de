"""A frame that comes again each period, with an id that counts up, and checksums that follow.

Law: a word that moves is a counter, or a checksum over counters; else the frame is not replayed.
A counter ends before it would turn over.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import NamedTuple

from pknet.fastpath.sums import Sum, sums
from pknet.fastpath.unsteady import UnsteadyError
from pknet.wire.frame import Frame

ENDLESS = 2**62  # periods: more than any run has
_MOST = 0xFFFF


class Counter(NamedTuple):
    """The word at ``at`` is ``start``, and ``step`` more each period."""

    at: int
    start: int
    step: int

    def value(self, periods: int) -> int:
        """What it is then."""
        return self.start + self.step * periods

    def values(self, first: int, times: int) -> array[int]:
        """What it is in ``times`` periods, from ``first`` on."""
        return array("H", range(self.value(first), self.value(first + times), self.step))

    @property
    def room(self) -> int:
        """For how many periods it does not turn over."""
        return (_MOST - self.start) // self.step if self.step > 0 else self.start // -self.step


class Check(NamedTuple):
    """The checksum at ``at`` is over ``total``, and ``step`` more each period (RFC 1071)."""

    at: int
    total: int
    step: int
    udp: bool

    def value(self, periods: int) -> int:
        """What it is then; UDP writes a computed zero as ones (RFC 768)."""
        total = (self.total + self.step * periods) % _MOST
        return _MOST - total if total else _MOST * self.udp

    def values(self, first: int, times: int) -> array[int]:
        """What it is in ``times`` periods, from ``first`` on."""
        made = array("H")
        for totals in _turns(self.total + self.step * first, self.step, times):
            made.extend(range(_MOST - totals.start, _MOST - totals.stop, -totals.step))
        if self.udp and 0 in made:
            made = array("H", [value or _MOST for value in made])
        return made


def _turns(start: int, step: int, times: int) -> Iterator[range]:
    """``times`` sums, ``step`` apart, from 1 to _MOST: they turn over there (RFC 1071)."""
    step %= _MOST
    if step > _MOST // 2:
        step -= _MOST  # the shorter way
    while times:
        start = (start - 1) % _MOST + 1
        room = (_MOST - start) // step if step > 0 else (start - 1) // -step
        count = min(times, room + 1)
        yield range(start, start + count * step, step)
        start, times = start + count * step, times - count


class MovingFrame:
    """``base`` as it was in the later of two periods, and what moves in it.

    Raises UnsteadyError where the earlier one, ``before``, differs in another way.
    """

    __slots__ = ("base", "checks", "counters")

    def __init__(self, before: Frame, base: Frame) -> None:
        self.base = base
        self.counters: tuple[Counter, ...] = ()
        self.checks: tuple[Check, ...] = ()
        if before.wire != base.wire:
            self._compare(before.wire, base.wire)
        known = type(before) is type(base) and before.cut == base.cut
        if not known or self.at(-1).wire != before.wire:
            raise UnsteadyError("a frame changes in an unknown way")

    def _compare(self, before: bytes, after: bytes) -> None:
        if len(before) != len(after) or (len(after) % 2 and before[-1] != after[-1]):
            raise UnsteadyError("a frame changes its length, or its odd last byte")
        places = [n for n in range(0, len(after) - 1, 2) if before[n : n + 2] != after[n : n + 2]]
        spots = sums(self.base)
        summed = [spot.at for spot in spots]
        self.counters = tuple(
            Counter(n, _word(after, n), _word(after, n) - _word(before, n))
            for n in places if n not in summed
        )  # fmt: skip
        self.checks = tuple(
            check for spot in spots if (check := self._check(spot, spots, after)).step
        )

    def _check(self, spot: Sum, spots: list[Sum], after: bytes) -> Check:
        """What a checksum within covers adds up to the same, whatever it is."""
        inner = [other for other in spots if spot.covers(other.at)]
        step = sum(
            counter.step for counter in self.counters
            if spot.covers(counter.at) and not any(other.covers(counter.at) for other in inner)
        )  # fmt: skip
        return Check(spot.at, _MOST - _word(after, spot.at), step, spot.udp)

    @property
    def words(self) -> tuple[Counter | Check, ...]:
        """All that move."""
        return (*self.counters, *self.checks)

    @property
    def room(self) -> int:
        """For how many periods its counters go on."""
        return min((counter.room for counter in self.counters), default=ENDLESS)

    def at(self, periods: int) -> Frame:
        """The frame of ``periods`` later."""
        if not self.counters:
            return self.base
        wire = bytearray(self.base.wire)
        for word in self.words:
            wire[word.at : word.at + 2] = word.value(periods).to_bytes(2, "big")
        return type(self.base)(bytes(wire), self.base.cut)


def _word(wire: bytes, at: int) -> int:
    return int.from_bytes(wire[at : at + 2], "big")
