"""What is told under one heading: the frames that a traffic item sent and caused.

Law: every frame belongs to one item, or to none. Of an item of many packets the first are told,
each whole, over all its hops, and how many others there are; those are counted and never made,
for the captures and trace.jsonl leave nothing out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pknet.fastpath.cycle import RepeatedTaps
from pknet.trace import Tap, Trace

FIRST = 8  # packets: with an answer, and what it took to resolve the neighbours on the way


class Story:
    """``taps``: those to be told, in order; ``lines``: how many there are of them and others.

    ``bulk``: of many packets, of which the first ones are told.
    """

    def __init__(self, bulk: bool) -> None:
        self.bulk = bulk
        self.taps: list[Tap] = []
        self.lines = 0
        self._packets: set[int] = set()

    @property
    def wants_more(self) -> bool:
        """Whether packets that have not been seen are to be told."""
        return not self.bulk or len(self._packets) < FIRST

    def meet(self, taps: Iterable[Tap]) -> None:
        """Their packets are among the first, as far as there is room."""
        for tap in taps:
            if self.wants_more:
                self._packets.add(tap.hop.packet)

    def add(self, tap: Tap) -> None:
        """Tell the next one, if it is to be told."""
        self.meet([tap])
        self.lines += 1
        if tap.hop.packet in self._packets:
            self.taps.append(tap)

    def repeat(self, taps: RepeatedTaps, entries: Sequence[int]) -> None:
        """The same for many periods; ``entries`` are the numbers of this story's taps in each."""
        number = 0
        while self.wants_more and number < taps.times:
            made = taps.make(number)
            self.meet(made[entry] for entry in entries)
            number += 1
        self.lines += len(entries) * taps.times
        for number in taps.periods_of(self._packets):
            self.taps += [tap for tap in taps.make(number) if tap.hop.packet in self._packets]

    def others(self, packets: int) -> str:
        """A line about what is not told of its ``packets``: empty where there is nothing."""
        lines = self.lines - len(self.taps)
        if not lines:
            return ""
        return (
            f"… {lines} more lines, of {packets - len(self._packets)} more packets: "
            "captures and trace.jsonl have all"
        )


def stories(trace: Trace, items: Mapping[int, bool]) -> tuple[Story, dict[int, Story]]:
    """That of no item, and of each by its number; ``items``: whether one is of many packets."""
    nobodys, told = Story(False), {number: Story(bulk) for number, bulk in items.items()}
    for part in trace.taps.parts:
        if isinstance(part, RepeatedTaps):
            entries: dict[int, list[int]] = {}
            for entry, tap in enumerate(part.make(0)):
                entries.setdefault(trace.cause(tap.hop.packet), []).append(entry)
            for cause, numbers in entries.items():
                told.get(cause, nobodys).repeat(part, numbers)
        else:
            for tap in part:
                told.get(trace.cause(tap.hop.packet), nobodys).add(tap)
    return nobodys, told
