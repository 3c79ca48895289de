"""A connection that a listener has been asked for (Linux: struct request_sock, tcp_check_req).

Law: until the handshake is complete nothing is kept but what the SYN said; what completes it
makes the control block, and is its first segment.
"""

from __future__ import annotations

from pknet.netns.socket.tcp import settings
from pknet.netns.socket.tcp.control_block import ControlBlock
from pknet.netns.socket.tcp.fate import Fate
from pknet.netns.socket.tcp.options import Options
from pknet.netns.socket.tcp.segment import Burst, Segment
from pknet.netns.socket.tcp.seq import MASK, position
from pknet.netns.socket.tcp.settings import RTO_INITIAL, RTO_MAX, Settings
from pknet.netns.socket.tcp.state import State
from pknet.netns.socket.tcp.timers import Timer, Timers
from pknet.wire.tcp import ACK, RST, SYN


class Request:
    """``successor`` is the control block, once there is one."""

    own_idents = False  # a SYN-ACK has IP id 0 (Linux: ip_build_and_send_pkt)
    error = None

    def __init__(self, settings: Settings, iss: int, syn: Segment, now: int) -> None:
        self.state = State.SYN_RECEIVED
        self.outgoing: list[Burst] = []
        self.successor: ControlBlock | None = None
        self._settings = settings
        self._iss = iss
        self._syn = syn
        self._since = now
        self._timers = Timers()
        self._timeouts = 0
        self._repeats = 0
        self._next_complaint = 0
        self._again: Burst | None = None  # the last repetition that nobody asked for
        self._answer(now)

    @property
    def deadline(self) -> int | None:
        """When the SYN-ACK is sent again."""
        return self._timers.deadline

    def timeout(self, now: int) -> None:
        """No answer came (Linux: reqsk_timer_handler)."""
        if self._timers.due(now) is None:
            return
        if self._timeouts >= self._settings.synack_retries:
            self.forget()
            return
        self._timeouts += 1
        self._repeats += 1
        self._again = self._answer(now)

    def stands(self, burst: Burst) -> bool:
        """What was to be sent is sent."""
        return True

    def refused(self, now: int, burst: Burst) -> None:
        """Our own node did not let it go.

        The first SYN-ACK is lost like any other (tcp_conn_request); a repetition that cannot be
        sent ends the request (reqsk_timer_handler).
        """
        if burst is self._again:
            self.forget()

    def forget(self) -> None:
        """It came to nothing."""
        self.state = State.CLOSED
        self._timers.clear()

    def _answer(self, now: int) -> Burst:
        """The SYN-ACK, and how long to wait for its acknowledgement."""
        own = self._settings
        asked = self._syn.options
        scale = own.scale if asked.scale is not None else None
        options = Options(own.mss, scale, asked.sack_permitted)
        window = min(own.initial_window, settings.MAX_WINDOW)
        synack = Segment(self._iss, self._expected, SYN | ACK, window, options)
        burst = (synack,)
        self.outgoing.append(burst)
        self._timers.set(Timer.RETRANSMIT, now, min(RTO_INITIAL << self._timeouts, RTO_MAX))
        return burst

    @property
    def _expected(self) -> int:
        """The sequence number after the SYN."""
        return (self._syn.seq + 1) & MASK

    def segment(self, now: int, segment: Segment) -> Fate:
        """Linux: tcp_check_req."""
        start = position(self._expected, segment.seq, 0)
        if start == -1 and segment.flags & (SYN | ACK | RST) == SYN:
            if self._may_complain(now):
                self._repeats += 1
                self._answer(now)
            return Fate.TAKEN
        if segment.has(ACK) and segment.ack != (self._iss + 1) & MASK:
            return Fate.UNASKED
        if not self._in_window(start, start + segment.length):
            if not segment.has(RST) and (segment.payload or self._may_complain(now)):
                self._acknowledge()
            return Fate.OVERWINDOW
        if segment.has(RST) or (segment.has(SYN) and start >= 0):
            self.forget()
            return Fate.TAKEN if segment.has(RST) else Fate.REFUSED
        if segment.has(ACK):
            return self._complete(now, segment)
        return Fate.TAKEN

    def _in_window(self, start: int, end: int) -> bool:
        """Linux: tcp_in_window."""
        window = self._settings.initial_window
        return start == 0 or (end > 0 and start < window) or start == end == window

    def _may_complain(self, now: int) -> bool:
        if now < self._next_complaint:
            return False
        self._next_complaint = now + settings.CHALLENGE_PAUSE
        return True

    def _acknowledge(self) -> None:
        """Linux: tcp_v4_reqsk_send_ack."""
        scale = self._settings.scale if self._syn.options.scale is not None else 0
        window = self._settings.initial_window >> scale
        ack = Segment((self._iss + 1) & MASK, self._expected, ACK, window)
        self.outgoing.append((ack,))

    def _complete(self, now: int, segment: Segment) -> Fate:
        self._timers.clear()
        trip = None if self._repeats else now - self._since
        block = ControlBlock.answered(self._settings, self._iss, self._syn, trip)
        if self._timeouts and self._repeats > 1:
            block.sender.congestion.begin_small()
        self.successor = block
        return block.segment(now, segment)
