"""The record of one visit of a packet inside one node.

Law: a hop is told by the walk that it records. Steps hold the very objects (rule, route,
neighbour) that decided; their words are made when someone reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from pknet.trace.verdict import Verdict

if TYPE_CHECKING:
    from pknet.wire.frame import Frame

Direction = Literal["in", "out"]


class Step:
    """What one stage did. Subclasses live beside the stage they tell of."""

    __slots__ = ()

    #: True for a step that consulted something and changed nothing: shown by ``--detail`` only.
    detail = False

    @property
    def subjects(self) -> tuple[object, ...]:
        """The table entries that decided: take one away, and the outcome or this line changes."""
        return ()

    def consulted(self) -> Mapping[Step, Sequence[str]]:
        """What was consulted and decided nothing, in words: the lines before each of some steps."""
        return {}

    @property
    def rewrite(self) -> str | None:
        """``DNAT 172.30.0.1:80 -> 10.1.2.1:8080`` where the step changed the packet's addresses."""
        return None

    def __str__(self) -> str:
        raise NotImplementedError


class Tap(NamedTuple):
    """One captured frame, or (with ``direction`` None) a death or a wait that no interface saw."""

    time: int
    interface: str
    direction: Direction | None
    frame: Frame
    hop: Hop
    steps_before: int  # how many of the hop's steps had been taken


class Hop:
    """One visit: what was seen, what was done, how it ended (``verdict`` None: still open)."""

    __slots__ = ("_record", "node", "packet", "steps", "taps", "time", "verdict")

    def __init__(self, node: str, packet: int, time: int, record: Callable[[Tap], None]) -> None:
        self.node = node
        self.packet = packet
        self.time = time
        self.steps: list[Step] = []
        self.taps: list[Tap] = []
        self.verdict: Verdict | None = None
        self._record = record

    def step(self, step: Step) -> None:
        """Note what a stage did."""
        self.steps.append(step)

    def tap(self, time: int, interface: str, direction: Direction | None, frame: Frame) -> None:
        """Note that ``interface`` saw ``frame``."""
        tap = Tap(time, interface, direction, frame, self, len(self.steps))
        self.taps.append(tap)
        self._record(tap)

    def steps_of(self, tap: Tap) -> list[Step]:
        """The steps told beside ``tap``: those up to the next one; the first also has those before.

        A step stands on the last line of this hop that was written before it was taken.
        """
        index = self.taps.index(tap)
        start = 0 if index == 0 else tap.steps_before
        end = self.taps[index + 1].steps_before if index + 1 < len(self.taps) else len(self.steps)
        return self.steps[start:end]


def detailed(steps: Iterable[Step]) -> Iterator[tuple[Step, str]]:
    """All there is to tell of some steps: a line, and the step that it belongs to."""
    steps = list(steps)
    before: dict[Step, Sequence[str]] = {}
    for step in steps:
        before.update(step.consulted())
    for step in steps:
        yield from ((_CONSULTED, line) for line in before.get(step, ()))
        if said := str(step):
            yield step, said


class _Consulted(Step):
    """Whatever decided nothing."""

    detail = True


_CONSULTED = _Consulted()
