"""What the trace recorded of one period, and would record of any later one.

Law: a repetition has the node, the steps, the verdict and the interfaces of its model; packet
ids, times and the moving words of its frames are those that the walk would have written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from pknet.fastpath.moving_frame import ENDLESS, MovingFrame
from pknet.fastpath.shape import Kind, attributes, has_dict, kind
from pknet.fastpath.unsteady import UnsteadyError
from pknet.trace import Hop, Tap, detailed
from pknet.trace.record import Repeat
from pknet.wire.frame import BareFrame

DEPTH = 6  # how far into a step it is looked


class Window(NamedTuple):
    """What was recorded between two turns."""

    hops: list[Hop]
    taps: list[Tap]


class Cycle:
    """The model of a period, ``later``, which came ``period`` nanoseconds after ``before``.

    ``packets``: how many packet ids a period takes. Raises UnsteadyError where the two differ in
    more than they may.
    """

    def __init__(self, before: Window, later: Window, period: int, packets: int) -> None:
        self.period = period
        self.packets = packets
        self.window = later
        self._hop_of = _places(later)
        if len(before.hops) != len(later.hops) or _places(before) != self._hop_of:
            raise UnsteadyError("not the same visits")
        for one, other in zip(before.hops, later.hops, strict=True):
            self._compare_hops(one, other)
        for a, b in zip(before.taps, later.taps, strict=True):
            self._compare_taps(a, b)
        moving: dict[tuple[bytes, bytes], MovingFrame] = {}
        self.frames = [
            moving.setdefault((a.frame.wire, b.frame.wire), MovingFrame(a.frame, b.frame))
            for a, b in zip(before.taps, later.taps, strict=True)
        ]
        self._made = -1
        self._latest = later

    def _compare_hops(self, one: Hop, other: Hop) -> None:
        alike = (
            one.node == other.node
            and one.packet + self.packets == other.packet
            and one.time + self.period == other.time
            and one.verdict == other.verdict
            and len(one.steps) == len(other.steps)
            and all(map(_same, one.steps, other.steps))
            and _words(one) == _words(other)
        )
        if not alike:
            raise UnsteadyError(f"a visit to {other.node} is not the same")

    def _compare_taps(self, one: Tap, other: Tap) -> None:
        alike = (
            one.time + self.period == other.time
            and one.interface == other.interface
            and one.direction == other.direction
            and one.steps_before == other.steps_before
        )
        if not alike:
            raise UnsteadyError(f"{other.interface} does not see the same")

    @property
    def room(self) -> int:
        """For how many periods its frames go on."""
        return min((frame.room for frame in self.frames), default=ENDLESS)

    def hops(self, times: int) -> Repeat[Hop]:
        """``times`` repetitions."""
        return Repeat(len(self.window.hops), times, lambda number: self.made(number).hops)

    def taps(self, times: int) -> RepeatedTaps:
        """``times`` repetitions."""
        return RepeatedTaps(self, times)

    def made(self, number: int) -> Window:
        """Repetition ``number``, counted from 0; the one last asked for is kept."""
        if number != self._made:
            self._made, self._latest = number, self._make(number + 1)
        return self._latest

    def _make(self, periods: int) -> Window:
        shift, later = self.period * periods, self.packets * periods
        taps: list[Tap] = []
        hops = [
            Hop(hop.node, hop.packet + later, hop.time + shift, taps.append)
            for hop in self.window.hops
        ]
        for hop, model in zip(hops, self.window.hops, strict=True):
            hop.steps, hop.verdict = model.steps, model.verdict
        frames = {frame: frame.at(periods) for frame in self.frames}
        for tap, place, moving in zip(self.window.taps, self._hop_of, self.frames, strict=True):
            hop = hops[place]
            again = tap._replace(time=tap.time + shift, frame=frames[moving], hop=hop)
            hop.taps.append(again)
            taps.append(again)
        return Window(hops, taps)


class RepeatedTaps(Repeat[Tap]):
    """The taps of many periods, of which one is known."""

    def __init__(self, cycle: Cycle, times: int) -> None:
        super().__init__(len(cycle.window.taps), times, lambda number: cycle.made(number).taps)
        self.cycle = cycle

    def periods_of(self, packets: Iterable[int]) -> list[int]:
        """The numbers of those in which one of ``packets`` is seen, in order."""
        first, taken = {tap.hop.packet for tap in self.make(0)}, self.cycle.packets
        since = {packet - model for packet in packets for model in first}
        numbers = {ids // taken for ids in since if not ids % taken}
        return sorted(numbers & set(range(self.times)))


def _places(window: Window) -> list[int]:
    """To which of the window's visits each tap belongs. Raises UnsteadyError: to none."""
    numbers = {id(hop): number for number, hop in enumerate(window.hops)}
    try:
        return [numbers[id(tap.hop)] for tap in window.taps]
    except KeyError:
        raise UnsteadyError("a visit lasts longer than a turn") from None


def _words(hop: Hop) -> list[str]:
    return [line for _, line in detailed(hop.steps)]


def _same(one: Any, other: Any, depth: int = DEPTH) -> bool:
    """The same thing, or a thing of a step's own that says the same."""
    if one is other:
        return True
    cls: Any = type(one)
    plain = kind(cls) in (Kind.NUMBER, Kind.PLAIN)
    if type(other) is not cls:
        return False
    if cls is bytes and one != other:  # a packet that was looked at; what was seen, words tell
        MovingFrame(BareFrame(one), BareFrame(other))
        return True
    if plain:
        return bool(one == other)
    return depth > 0 and _same_parts(list(_parts(one)), list(_parts(other)), depth - 1)


def _same_parts(one: list[object], other: list[object], depth: int) -> bool:
    return len(one) == len(other) and all(
        _same(a, b, depth) for a, b in zip(one, other, strict=True)
    )


def _parts(thing: Any) -> Iterable[object]:
    """What a step, or a part of one, is made of."""
    if isinstance(thing, list | tuple):
        return thing
    cls: Any = type(thing)
    if not cls.__module__.startswith("pknet."):
        raise UnsteadyError(f"a step holds a {cls.__qualname__}")
    own = vars(thing) if has_dict(cls) else ()
    return [*own, *(getattr(thing, name, None) for name in (*attributes(cls), *own))]
