"""Carrying many packets of one program at once, as long as each goes the way of the one before.

Law: a turn of the program at which the network is as it was a turn ago, but for what counts, is
followed by the same again, until something lapses, ends or turns over. Whoever cannot be sure
walks. Whether there is a replay or not, the state and the trace are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MethodType
from typing import NamedTuple, cast

from pknet.fastpath.advance import advance
from pknet.fastpath.cycle import Cycle, Window
from pknet.fastpath.horizon import horizon
from pknet.fastpath.image import Image
from pknet.fastpath.movement import Movement
from pknet.fastpath.moving_frame import ENDLESS
from pknet.fastpath.unsteady import UnsteadyError
from pknet.link.device import Device
from pknet.netns.socket.programs.stream import Stream
from pknet.sim import Clock, Timer
from pknet.trace import Trace

FIRST_TRY = 8  # turns after which it is first looked at; then twice as many each time it failed
WORTH = 32  # turns that must be left for it to pay


class _Mark(NamedTuple):
    """A turn: when it is due, and how much had been recorded."""

    due: int
    hops: int
    taps: int
    packets: int


class _Plan(NamedTuple):
    """What is repeated from ``now`` on; ``lapse`` is when something lapses, or just did."""

    cycle: Cycle
    now: int
    lapse: int

    def room(self, waiting: Sequence[int]) -> int:
        """How many periods there are before it does, or one of ``waiting`` is due."""
        ends = [self.lapse, *(time for time in waiting if time > self.now)]
        return (min(ends) - self.now - 1) // self.cycle.period


class _Turn(NamedTuple):
    """A program's turn that is to come."""

    stream: Stream
    number: int

    @property
    def left(self) -> int:
        """How many follow it that are like it: the last one has none after it."""
        return self.stream.count - self.number - 2

    def after(self, times: int) -> int:
        """How long after it the turn is that is ``times`` later."""
        return self.stream.due(self.number + times) - self.stream.due(self.number)


def _turn_of(timer: Timer) -> _Turn | None:
    """The turn that ``timer`` is; None: it is something else."""
    if not isinstance(timer.action, MethodType) or timer.action.__func__ is not Stream.turn:
        return None
    return _Turn(cast(Stream, timer.action.__self__), *timer.args)


class Replay:
    """Watches ``clock``: to be asked before each of its steps."""

    def __init__(self, clock: Clock, trace: Trace, devices: Mapping[str, Device]) -> None:
        self._clock = clock
        self._trace = trace
        self._devices = devices
        self._roots = (clock, trace, dict(devices))
        self._next_try: dict[Stream, int] = {}  # by the number of its turn
        self._watched: Stream | None = None
        self._images: list[Image] = []
        self._marks: list[_Mark] = []

    def look(self) -> None:
        """Where the next event is a program's turn, see whether turns may be replayed."""
        timer = self._clock.peek()
        turn = timer and _turn_of(timer)
        if timer and turn and turn.number >= self._next_try.setdefault(turn.stream, FIRST_TRY):
            self._turn(turn, timer.due)

    def _turn(self, turn: _Turn, due: int) -> None:
        """Three turns of one program are looked at; meanwhile those of others are not."""
        stream, number = turn
        if self._watched is None and turn.left >= WORTH:
            self._watched = stream
        if self._watched is not stream:
            return
        try:
            self._note(due)
            plan = self._plan() if len(self._marks) == 3 else None
            self._images.append(Image(self._roots))  # after all else that is asked of the network
            if plan is not None:
                self._again(stream, number + self._replay(plan))
        except UnsteadyError:
            self._again(stream, 2 * number)

    def _again(self, stream: Stream, number: int) -> None:
        self._next_try[stream] = number
        self._watched = None
        self._images.clear()
        self._marks.clear()

    def _note(self, due: int) -> None:
        """How much there is now."""
        trace = self._trace
        self._clock.tidy()
        self._marks.append(_Mark(due, len(trace.hops), len(trace.taps), trace.packets))

    def _plan(self) -> _Plan:
        """What is to be repeated. Raises UnsteadyError where it is not the same twice."""
        first, middle, last = self._marks
        period = last.due - middle.due
        if middle.due - first.due != period:
            raise UnsteadyError("its turns are not at the same distance")
        cycle = Cycle(self._window(first, middle), self._window(middle, last), period,
                      last.packets - middle.packets)  # fmt: skip
        return _Plan(cycle, last.due, self._lapse(middle.due))

    def _lapse(self, since: int) -> int:
        """What lapsed since the model began may have been looked at before it did."""
        lapse = horizon(self._devices.values(), since)
        return ENDLESS if lapse is None else lapse

    def _window(self, start: _Mark, end: _Mark) -> Window:
        trace = self._trace
        return Window(trace.hops[start.hops : end.hops], trace.taps[start.taps : end.taps])

    def _replay(self, plan: _Plan) -> int:
        """How many turns were replayed. Raises UnsteadyError where none can be."""
        cycle = plan.cycle
        movement = Movement(self._images, cycle.period)
        turns = [turn for timer in self._clock.waiting if (turn := _turn_of(timer)) is not None]
        times = min(movement.room, cycle.room, plan.room(movement.waiting),
                    *(turn.left for turn in turns))  # fmt: skip
        if times < 1 or any(turn.after(times) != times * cycle.period for turn in turns):
            raise UnsteadyError("there is no room")
        advance(self._roots, movement, times)
        self._trace.repeat(cycle.hops(times), cycle.taps(times), cycle.packets)
        return times
