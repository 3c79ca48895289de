"""What a run recorded, in order: as it came, or repeated and not yet written out.

Law: who reads it cannot tell. A repetition is made when it is looked at, and always the same.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, overload

T = TypeVar("T")


class Repeat(Generic[T]):
    """``times`` repetitions of ``size`` entries; ``make(n)`` gives those of number ``n``."""

    def __init__(self, size: int, times: int, make: Callable[[int], Sequence[T]]) -> None:
        self.size = size
        self.times = times
        self.make = make

    def __len__(self) -> int:
        return self.size * self.times

    def __getitem__(self, index: int) -> T:
        return self.make(index // self.size)[index % self.size]

    def __iter__(self) -> Iterator[T]:
        return self.slice(0, len(self))

    def slice(self, start: int, stop: int) -> Iterator[T]:
        """Those from ``start`` to ``stop``, in order."""
        for number in range(start // self.size, -(-stop // self.size)):
            first = number * self.size
            yield from self.make(number)[max(start - first, 0) : stop - first]


class Record(Sequence[T]):
    """A list that is only ever added to. ``append`` is that of the list at its end."""

    __slots__ = ("_last", "_parts", "_starts", "append")

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._last: list[T] = []
        self._parts: list[list[T] | Repeat[T]] = [self._last]
        self._starts = [0]
        self.append = self._last.append

    def repeat(self, repeat: Repeat[T]) -> None:
        """Go on with ``repeat``, and then with what is appended."""
        self._add(repeat)
        self._last = []
        self._add(self._last)
        self.append = self._last.append

    @property
    def parts(self) -> Sequence[list[T] | Repeat[T]]:
        """What came, and what is repeated, in turn."""
        return self._parts

    def models(self) -> Iterator[T]:
        """What came, and of each repetition the first: one of every kind that there is."""
        for part in self._parts:
            yield from part if isinstance(part, list) else part.make(0)

    def _add(self, part: list[T] | Repeat[T]) -> None:
        self._starts.append(len(self))
        self._parts.append(part)

    def __len__(self) -> int:
        return self._starts[-1] + len(self._parts[-1])

    def __iter__(self) -> Iterator[T]:
        for part in self._parts:
            yield from part

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            return list(self.between(start, stop))[::step]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        index %= len(self)
        number = bisect_right(self._starts, index) - 1
        return self._parts[number][index - self._starts[number]]

    def between(self, start: int, stop: int) -> Iterator[T]:
        """Those from ``start`` to ``stop``, one by one."""
        for first, part in zip(self._starts, self._parts, strict=True):
            low, high = max(start - first, 0), min(stop - first, len(part))
            if low < high:
                yield from part[low:high] if isinstance(part, list) else part.slice(low, high)
