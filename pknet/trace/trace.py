"""All hops of a run, in order.

Law: one source of words. Text, JSON, captures and assertions are views of one Trace. Every
tap has a time of its own: strictly increasing nanoseconds, so that order never depends on ties.
"""

from __future__ import annotations

from array import array

from pknet.sim import Clock
from pknet.trace.hop import Direction, Hop, Tap
from pknet.trace.record import Record, Repeat
from pknet.trace.verdict import Verdict
from pknet.wire.frame import Frame


class Trace:
    """Hops in the order in which they opened, taps in the order in which they were taken.

    A packet goes back to the cause of the event that made it (``Clock.cause``), and what comes
    of its visits goes back to the same, whoever set it free on its way: ``cause``.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._causes = array("I", [0])  # no packet has the id 0
        self._clock = clock or Clock()
        self.hops: Record[Hop] = Record()
        self.taps: Record[Tap] = Record()
        self._packets = 0
        self._last_stamp = -1

    @property
    def packets(self) -> int:
        """How many ids have been given."""
        return self._packets

    def new_packet(self) -> int:
        """A packet id that no packet had before; the first is 1."""
        self._packets += 1
        self._causes.append(self._clock.cause)
        return self._packets

    def cause(self, packet: int) -> int:
        """What ``packet`` goes back to; nothing, where its id was never given out here."""
        return self._causes[packet] if packet < len(self._causes) else 0

    def caused(self, number: int) -> int:
        """How many packets go back to ``number``, which is not 0."""
        return self._causes.count(number)

    def open(self, node: str, packet: int, now: int) -> Hop:
        """A packet comes to (or comes to be on) ``node``."""
        self._clock.cause = self.cause(packet)
        hop = Hop(node, packet, now, self.taps.append)
        self.hops.append(hop)
        return hop

    def tap(
        self, hop: Hop, now: int, interface: str, direction: Direction | None, frame: Frame
    ) -> None:
        """``interface`` saw ``frame``; it is stamped a nanosecond after the last tap at least."""
        self._last_stamp = max(now, self._last_stamp + 1)
        hop.tap(self._last_stamp, interface, direction, frame)

    def close(self, hop: Hop, verdict: Verdict) -> None:
        """The visit is over."""
        hop.verdict = verdict

    def repeat(self, hops: Repeat[Hop], taps: Repeat[Tap], packets: int) -> None:
        """The last ``packets`` packets come again, as often as ``hops`` and ``taps`` do.

        Whoever repeats them moves the count of ids on.
        """
        self.hops.repeat(hops)
        self.taps.repeat(taps)
        if packets:
            self._causes.extend(self._causes[-packets:] * hops.times)

    def forget(self) -> None:
        """Let go of what is recorded; ids and times go on."""
        self.hops.clear()
        self.taps.clear()
