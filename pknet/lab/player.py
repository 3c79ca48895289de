"""Playing a topology's traffic.

Law: items follow one another, each 50 ms after the one before has ended; those with ``at:``
start at their own time and hold up nobody. An expectation is about what its own item sent and
caused, and nothing else. 50 ms after the last one the run is over, and later
timers do not fire.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Protocol

from pknet.fastpath import Replay
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
from pknet.trace import Tap, Trace

PAUSE = 50 * MILLISECOND
_FOREVER = 2**62  # nanoseconds: items end by themselves, long before


class Stage(Protocol):
    """What is played on: a Lab."""

    spec: Spec
    clock: Clock
    trace: Trace
    nodes: dict[str, Device]
    fastpath: bool
    begun: int


@dataclass(slots=True)
class _Playing:
    """An item that has begun; of all that ever did here it is number ``number``, from 1."""

    number: int
    item: Traffic
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
        replay = Replay(clock, self.lab.trace, self.lab.nodes)
        while self._left:
            if self.lab.fastpath:
                replay.look()
            if not clock.step(_FOREVER):
                break
        clock.run(clock.now + PAUSE)
        return self._results()

    def _next(self) -> None:
        self._begin(self._queue.pop(0))

    def _begin(self, item: Traffic) -> None:
        self.lab.begun += 1
        playing = _Playing(self.lab.begun, item)
        self._begun.append(playing)
        self.lab.clock.cause = playing.number
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
        self.lab.clock.cause = 0
        own = self._own()
        return [self._result(playing, own[playing.number]) for playing in self._begun]

    def _own(self) -> dict[int, list[Tap]]:
        """What each item sent and caused, by its number; of what is repeated, once."""
        trace = self.lab.trace
        own: dict[int, list[Tap]] = defaultdict(list)
        if any(playing.item.expect is not None for playing in self._begun):
            for tap in trace.taps.models():
                own[trace.cause(tap.hop.packet)].append(tap)
        return own

    def _result(self, playing: _Playing, own: list[Tap]) -> ItemResult:
        item, outcome = playing.item, playing.outcome or Outcome("did not end", "")
        problem = None
        if item.expect is not None:
            problem = failure(item.expect, item.source, outcome, own)
        return ItemResult(
            playing.number,
            item,
            item.name,
            outcome.summary,
            outcome.told,
            problem,
            outcome.bulk,
            outcome.grid,
        )
