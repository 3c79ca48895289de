"""What an interface saw.

Law: bytes as they were there, and the hop that they belong to; nothing is worked out afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pknet.lab.check import Checker, faults
from pknet.lab.finding import Finding
from pknet.trace import Hop, Tap, Trace
from pknet.wire.frame import Frame
from pknet.wire.summary import summary

if TYPE_CHECKING:
    from scapy.packet import Packet

SHOWN = 5  # frames that a failed expect_nothing() lists


@dataclass(frozen=True, slots=True)
class Seen:
    """One frame at one interface; ``taps``: all those of the flow that it was looked up in."""

    tap: Tap
    taps: Sequence[Tap] = ()

    @property
    def frame(self) -> Frame:
        """The bytes."""
        return self.tap.frame

    @property
    def packet(self) -> Packet:
        """A Scapy packet of those bytes, yours to change; its ``.time`` is the virtual time.

        In seconds since the run began, exact to the nanosecond, as the captures have it.
        """
        return self.tap.frame.dissected(self.tap.time)

    @property
    def time(self) -> int:
        """Nanoseconds since the run began."""
        return self.tap.time

    @property
    def direction(self) -> str | None:
        """``in`` or ``out``."""
        return self.tap.direction

    @property
    def hop(self) -> Hop:
        """The visit that this belongs to."""
        return self.tap.hop

    @property
    def place(self) -> str:
        """``node-a:eth0``."""
        return f"{self.tap.hop.node}:{self.tap.interface}"

    def matches(self, *checkers: Checker) -> Finding:
        """True where every checker agrees; else each field that differs, in words."""
        found = faults(self.frame, checkers)
        words = "; ".join(found) if found else "it matches"
        return Finding(not found, f"at {self.place}: {words}", self.taps)

    def __repr__(self) -> str:
        return f"<{self.place} {self.direction}: {summary(self.frame)}>"


class Port:
    """An interface, watched since tap number ``first`` (0: since the network was built)."""

    def __init__(self, trace: Trace, place: str, first: int = 0) -> None:
        self.place = place
        self._trace = trace
        self._first = first

    def from_now_on(self) -> Port:
        """The same interface, without what it has seen so far."""
        return Port(self._trace, self.place, len(self._trace.taps))

    @property
    def seen(self) -> list[Seen]:
        """Every frame, in order."""
        node, _, interface = self.place.partition(":")
        return [
            Seen(tap)
            for tap in self._trace.taps[self._first :]
            if tap.interface == interface and tap.hop.node == node and tap.direction is not None
        ]

    @property
    def packets(self) -> list[Packet]:
        """The Scapy packets of those frames."""
        return [seen.packet for seen in self.seen]

    def saw(self, *checkers: Checker) -> Finding:
        """True where some frame satisfies all the checkers; else what did cross, in words."""
        for seen in self.seen:
            if seen.matches(*checkers):
                return Finding(True, f"{self.place} saw it", self._way_of(seen))
        return Finding(False, f"{self.place} saw no such frame, but {_listed(self.seen)}")

    def expect_nothing(self, *checkers: Checker) -> None:
        """Raise AssertionError if any frame crossed (that satisfies ``checkers``, if given)."""
        crossed = [seen for seen in self.seen if seen.matches(*checkers)]
        if crossed:
            # A failed test shows their traces: the plugin finds them here, among the variables.
            crossed[:SHOWN] = [Seen(one.tap, self._way_of(one)) for one in crossed[:SHOWN]]
            raise AssertionError(f"{self.place} saw {_listed(crossed)}")

    def _way_of(self, seen: Seen) -> list[Tap]:
        """Where else that packet was seen, before and after."""
        return [tap for tap in self._trace.taps if tap.hop.packet == seen.hop.packet]


def _listed(seen: list[Seen]) -> str:
    if not seen:
        return "nothing at all"
    shown = [f"  {one.time / 1e6:.3f} ms {one.direction}  {summary(one.frame)}" for one in seen]
    more = [f"  and {len(seen) - SHOWN} more"] if len(seen) > SHOWN else []
    return "\n".join([f"{len(seen)} frame(s):", *shown[:SHOWN], *more])
