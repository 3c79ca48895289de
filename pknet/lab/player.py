"""Playing a topology's traffic.

Law: items follow one another, each 50 ms after the one before has ended; those with ``at:``
start at their own time and hold up nobody. 50 ms after the last one the run is over, and later
timers do not fire.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pknet.lab.expectation import failure
from pknet.lab.outcome import Outcome
from pknet.lab.result import ItemResult
from pknet.lab.start import start
from pknet.link.device import Device
from pknet.netns.namespace import Namespace
from pknet.sim import Clock
from pknet.sim.clock import MILLISECOND
from pknet.topology.item import Traffic
from pknet.topology.spec import Spec
from pknet.trace import Trace

PAUSE = 50 * MILLISECOND
_FOREVER = 2**62  # nanoseconds: items end by themselves, long before


class Stage(Protocol):
    """What is played on: a Lab."""

    spec: Spec
    clock: Clock
    trace: Trace
    nodes: dict[str, Device]


@dataclass(slots=True)
class _Playing:
    """An item that has begun; ``first`` is the tap it began at."""

    item: Traffic
    first: int
    outcome: Outcome | None = None


class Player:
    """Plays once."""

    def __init__(self, lab: Stage) -> None:
        self.lab = lab
        self._begun: list[_Playing] = []
        self._queue = [item for item in lab.spec.traffic if item.at is None]
        self._left = len(lab.spec.traffic)

    def run(self) -> list[ItemResult]:
        """To the end of the run; results in the order in which items began."""
        clock = self.lab.clock
        beginning = clock.now
        for item in self.lab.spec.traffic:
            if item.at is not None:
                clock.at(beginning + item.at, self._begin, item)
        if self._queue:
            clock.after(0, self._next)
        while self._left and clock.step(_FOREVER):
            pass
        clock.run(clock.now + PAUSE)
        return self._results()

    def _next(self) -> None:
        self._begin(self._queue.pop(0))

    def _begin(self, item: Traffic) -> None:
        playing = _Playing(item, len(self.lab.trace.taps))
        self._begun.append(playing)
        start(item, self._node, lambda outcome: self._end(playing, outcome))

    def _node(self, source: str) -> Namespace:
        name = source.partition(":")[0] or next(iter(self.lab.nodes))
        node = self.lab.nodes[name]
        if not isinstance(node, Namespace):
            raise TypeError(f"{name} is a device of your own: traffic is sent from a namespace")
        return node

    def _end(self, playing: _Playing, outcome: Outcome) -> None:
        playing.outcome = outcome
        self._left -= 1
        if playing.item.at is None and self._queue:
            self.lab.clock.after(PAUSE, self._next)

    def _results(self) -> list[ItemResult]:
        starts = [playing.first for playing in self._begun]
        ends = [*starts, len(self.lab.trace.taps)][1:]
        return [
            self._result(playing, end, self._until(number))
            for number, (playing, end) in enumerate(zip(self._begun, ends, strict=True))
        ]

    def _until(self, number: int) -> int:
        """Up to which tap an item may come to its end.

        Where the next one of those that wait for each other begins; what has an ``at`` waits
        for nobody, and nobody for it.
        """
        every = len(self.lab.trace.taps)
        if self._begun[number].item.at is not None:
            return every
        return next((p.first for p in self._begun[number + 1 :] if p.item.at is None), every)

    def _result(self, playing: _Playing, last: int, until: int) -> ItemResult:
        item, outcome = playing.item, playing.outcome or Outcome("did not end")
        problem = None
        if item.expect is not None:
            taps = self.lab.trace.taps[playing.first : until]
            problem = failure(item.expect, item.source, outcome, taps)
        return ItemResult(
            item, item.name, outcome.summary, playing.first, last, problem,
            outcome.bulk, outcome.grid,
        )  # fmt: skip
