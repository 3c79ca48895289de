"""What is left of a connection that is over for its user (RFC 9293, 3.10.7.8).

Law: it keeps numbers, not data. It acknowledges what comes late, so that the peer can end too,
and keeps a new connection of the same ports from being taken for the old.

Linux: struct inet_timewait_sock, tcp_timewait_state_process. It stands for FIN-WAIT-2 as well,
where the peer's FIN has not come.
"""

from __future__ import annotations

from pknet.netns.socket.tcp import settings
from pknet.netns.socket.tcp.fate import Fate
from pknet.netns.socket.tcp.segment import Burst, Segment
from pknet.netns.socket.tcp.seq import MASK, position
from pknet.netns.socket.tcp.state import Event, State, after
from pknet.netns.socket.tcp.timers import Timer, Timers
from pknet.wire.tcp import ACK, FIN, RST, SYN


class TimeWait:
    """``next_out`` and ``next_in`` are sequence numbers of the wire; so is ``window``."""

    own_idents = False  # its segments have IP id 0 (Linux: ip_send_unicast_reply)
    error = None

    def __init__(
        self, state: State, next_out: int, next_in: int, left: int, window: int, now: int,
        duration: int,
    ) -> None:  # fmt: skip
        self.state = state
        self.outgoing: list[Burst] = []
        self._next_out = next_out
        self._next_in = next_in
        self._left = left  # bytes of the window
        self._window = window  # as the header has it
        self._timers = Timers()
        self._timers.set(Timer.LINGER, now, duration)
        self._next_complaint = 0

    @property
    def deadline(self) -> int | None:
        """When it is over."""
        return self._timers.deadline

    @property
    def reopening_iss(self) -> int:
        """A number beyond the old ones, for a connection that begins anew (Linux: tw_isn)."""
        return (self._next_out + settings.MAX_WINDOW + 2) & MASK

    def timeout(self, now: int) -> None:
        """It has lingered long enough."""
        if self._timers.due(now) is not None:
            self._end()

    def stands(self, burst: Burst) -> bool:
        """What was to be sent is sent."""
        return True

    def refused(self, now: int, burst: Burst) -> None:
        """Our own node did not let it go: a bare acknowledgement, which nobody repeats."""

    def _end(self) -> None:
        self.state = after(self.state, Event.EXPIRED)
        self._timers.clear()

    def segment(self, now: int, segment: Segment) -> Fate:
        """Something came late."""
        start = position(self._next_in, segment.seq, 0)
        if self.state is State.FIN_WAIT_2:
            return self._in_fin_wait(now, segment, start)
        if start == 0 and (segment.length == 0 or segment.has(RST)):
            if segment.has(RST):
                self._end()
            else:
                self._wait_again(now)
            return Fate.TAKEN
        if segment.flags & (SYN | RST | ACK) == SYN and start > 0:
            return Fate.REOPENS
        if not segment.has(RST):
            if segment.has(ACK):
                self._wait_again(now)
            self._complain(now, segment)
        return Fate.TAKEN

    def _in_fin_wait(self, now: int, segment: Segment, start: int) -> Fate:
        end = start + segment.length
        if not (end > 0 and start < self._left) and not start == end == 0:
            self._complain(now, segment)
            return Fate.TAKEN
        if segment.has(RST):
            self._end()
            return Fate.TAKEN
        if segment.has(SYN) and start >= 0:
            return self._refuse()
        if not segment.has(ACK) or end <= 0 or start == end:
            return Fate.TAKEN
        if not segment.has(FIN) or end != 1:
            return self._refuse()  # data for a user who has gone
        self.state = after(self.state, Event.FIN)
        self._next_in = (self._next_in + end) & MASK
        self._wait_again(now)
        self._acknowledge()
        return Fate.TAKEN

    def _refuse(self) -> Fate:
        """A reset answers, and that is the end (Linux: TCP_TW_RST)."""
        self._end()
        return Fate.REFUSED

    def _wait_again(self, now: int) -> None:
        self._timers.set(Timer.LINGER, now, settings.TIME_WAIT)

    def _complain(self, now: int, segment: Segment) -> None:
        """Acknowledge what is out of place, but bare segments not too often."""
        if not segment.length or segment.has(SYN):
            if now < self._next_complaint:
                return
            self._next_complaint = now + settings.CHALLENGE_PAUSE
        self._acknowledge()

    def _acknowledge(self) -> None:
        self.outgoing.append((Segment(self._next_out, self._next_in, ACK, self._window),))
