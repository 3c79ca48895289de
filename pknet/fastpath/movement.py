"""What moves from period to period, of all the numbers in a network's state.

Law: a number stays, is a time (it moves by a period), or is one of the counters named here; a
counter has an end, and stops short of it. Whatever else moves is not understood, and walked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pknet.fastpath.image import Image, Place
from pknet.fastpath.moving_frame import ENDLESS, MovingFrame
from pknet.fastpath.unsteady import UnsteadyError
from pknet.netns.conntrack import Conntrack
from pknet.netns.netfilter.rule import Chain, Rule
from pknet.netns.own_packets import OwnPackets
from pknet.netns.socket.programs.tally import Tally
from pknet.netns.socket.udp import UdpSocket
from pknet.sim import Clock, Timer
from pknet.trace import Trace

_IDENT = 0xFFFF  # the largest; then it begins again
_ARGUMENTS = (Timer, "args")
#: Those that count, and the largest value that they may have.
COUNTERS: dict[Place, int] = {
    (Clock, "events"): ENDLESS, (Clock, "limit"): ENDLESS, (Clock, "_order"): ENDLESS,
    (Clock, "_queue"): ENDLESS,  # the order of what waits
    (Trace, "_packets"): ENDLESS,
    _ARGUMENTS: ENDLESS,  # a packet's id; which turn it is
    (Rule, "packets"): ENDLESS, (Rule, "bytes"): ENDLESS,
    (Chain, "packets"): ENDLESS, (Chain, "bytes"): ENDLESS,
    (OwnPackets, "_ident"): _IDENT, (UdpSocket, "_ident"): _IDENT,
    (Conntrack, "_begun"): ENDLESS,
    **{(Tally, name): ENDLESS for name in ("sent", "answered", "_left", "_sum", "_timed")},
}  # fmt: skip


class Movement:
    """From the first of three states to the last, ``period`` nanoseconds apart each.

    ``steps`` is what each number moves in a period, ``frames`` what becomes of each frame under
    way; ``waiting`` is when timers are due that do not come again. Raises UnsteadyError where they
    are no three of a row.
    """

    def __init__(self, images: Sequence[Image], period: int) -> None:
        first, middle, last = images
        for one, next_one in pairwise(images):
            if one.shape != next_one.shape or len(one.numbers) != len(next_one.numbers):
                raise UnsteadyError("the state is not laid out alike")
        self.period = period
        self.numbers = last.numbers
        self.steps = _steps(middle.numbers, last.numbers)
        if self.steps != _steps(first.numbers, middle.numbers):
            raise UnsteadyError("a number does not move evenly")
        self._events_left = self._until_the_limit(last.places)
        self._ends = list(self._bounds(last.places))
        self.waiting = list(self._waiting(last.places))
        self.frames = [MovingFrame(*pair) for pair in zip(middle.frames, last.frames, strict=True)]
        for frame, before in zip(self.frames, first.frames, strict=True):
            if frame.at(-2).wire != before.wire:
                raise UnsteadyError("a frame does not move evenly")

    def _bounds(self, places: Sequence[Place]) -> Iterator[int]:
        """For how many periods each counter goes on."""
        packets = self.steps[places.index((Trace, "_packets"))]
        for step, number, place in zip(self.steps, self.numbers, places, strict=True):
            if step in (0, self.period):
                continue
            end = COUNTERS.get(place)
            if end is None or (place == _ARGUMENTS and step not in (1, packets)):
                raise UnsteadyError(f"{place[0].__qualname__}.{place[1]} moves by {step}")
            yield (end - number) // step if step > 0 else number // -step

    def _until_the_limit(self, places: Sequence[Place]) -> int:
        """For how many periods there are events left: a period takes some, and may bring others."""
        events, limit = places.index((Clock, "events")), places.index((Clock, "limit"))
        taken = self.steps[events] - self.steps[limit]
        left = self.numbers[limit] - self.numbers[events]
        return left // taken if taken > 0 else ENDLESS

    def _waiting(self, places: Sequence[Place]) -> Iterator[int]:
        """When the timers are due that do not come again."""
        for step, number, place in zip(self.steps, self.numbers, places, strict=True):
            if place == (Timer, "due") and not step:
                yield number

    @property
    def room(self) -> int:
        """For how many periods all counters go on."""
        rooms = [*self._ends, self._events_left, *(frame.room for frame in self.frames)]
        return min(rooms)


def _steps(before: Sequence[int], after: Sequence[int]) -> list[int]:
    return [b - a for a, b in zip(before, after, strict=True)]
