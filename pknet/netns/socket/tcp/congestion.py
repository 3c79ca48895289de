"""How much may be under way (RFC 5681; RFC 6937).

Law: windows are counted in segments, as Linux counts them. The algorithm is Reno's: slow start,
then one segment a round trip, half at a loss; a reduction is spread over a round trip.

A reduction that proves needless is taken back: see undo.
"""

from __future__ import annotations

from enum import IntEnum

from pknet.netns.socket.tcp.settings import INITIAL_CWND

_UNLIMITED = 0x7FFFFFFF  # Linux: TCP_INFINITE_SSTHRESH


class Phase(IntEnum):
    """Linux: enum tcp_ca_state."""

    OPEN = 0
    DISORDER = 1  # something came out of order, nothing is lost yet
    REDUCED = 2  # the window shrinks, nothing is to be sent again (CWR)
    RECOVERY = 3  # something was lost, and is sent again
    LOSS = 4  # the timer ran out: all is taken for lost


class Congestion:
    """The congestion window of one connection."""

    def __init__(self) -> None:
        self.phase = Phase.OPEN
        self.window = INITIAL_CWND
        self.threshold = _UNLIMITED
        self.high = 0  # the position whose acknowledgement ends the phase
        self._before = 0  # the window before the reduction
        self._before_threshold = 0  # and the threshold; 0: there is nothing to take back to
        self._delivered = 0  # segments since (prr_delivered)
        self._sent = 0  # prr_out
        self._rounds = 0  # acknowledged segments towards one more

    @property
    def slow_start(self) -> bool:
        """The window still doubles every round trip."""
        return self.window < self.threshold

    def begin_small(self) -> None:
        """The handshake took more than one repetition (RFC 6298, 5.7; Linux: tcp_init_transfer)."""
        self.window = 1

    # --- growing

    def grow(self, delivered: int) -> None:
        """``delivered`` segments came, and the window was used (Linux: tcp_reno_cong_avoid)."""
        if self.slow_start:
            before = self.window
            self.window = min(self.window + delivered, self.threshold)
            delivered -= self.window - before
        if delivered:
            self._increase(delivered)

    def _increase(self, delivered: int) -> None:
        """One segment a round trip (Linux: tcp_cong_avoid_ai)."""
        if self._rounds >= self.window:
            self._rounds = 0
            self.window += 1
        self._rounds += delivered
        if self._rounds >= self.window:
            more, self._rounds = divmod(self._rounds, self.window)
            self.window += more

    # --- shrinking

    def enter(self, phase: Phase, high: int) -> None:
        """A reduction begins (Linux: tcp_enter_recovery, tcp_init_cwnd_reduction)."""
        self.high = high
        self._before_threshold = 0
        if self.phase < Phase.REDUCED:
            self._remember()
            self._delivered = self._sent = 0
            self.threshold = max(self.window >> 1, 2)
        self.phase = phase

    def enter_loss(self, high: int, left: int, *, fresh: bool) -> None:
        """The timer ran out; ``left`` segments are not lost after all (Linux: tcp_enter_loss).

        ``fresh``: no reduction is under way for what is lost.
        """
        if fresh:
            self._remember()
            self.threshold = max(self.window >> 1, 2)
        self.window = left + 1
        self._rounds = 0
        self.phase = Phase.LOSS
        self.high = high

    def _remember(self) -> None:
        """Linux: tcp_current_ssthresh."""
        self._before = self.window
        self._before_threshold = max(self.threshold, (self.window >> 1) + (self.window >> 2))

    def rest(self, window: int) -> None:
        """Not all of it was used: have less, and grow back fast (Linux: tcp_cwnd_restart)."""
        self.threshold = max(self.threshold, (self.window >> 1) + (self.window >> 2))
        self.window = window

    def take_back(self) -> None:
        """The reduction was needless (Linux: tcp_undo_cwnd_reduction, tcp_reno_undo_cwnd)."""
        if self._before_threshold:
            self.window = max(self.window, self._before)
            self.threshold = max(self.threshold, self._before_threshold)

    def leave(self) -> None:
        """All that was sent before the reduction has arrived (Linux: tcp_end_cwnd_reduction)."""
        if self.phase in (Phase.REDUCED, Phase.RECOVERY):
            self.window = self.threshold
        self.phase = Phase.OPEN

    def spread(self, in_flight: int, delivered: int, advanced: bool, lost: bool) -> None:
        """Let out what the reduction allows (Linux: tcp_cwnd_reduction; RFC 6937)."""
        if delivered <= 0:
            return
        self._delivered += delivered
        room = self.threshold - in_flight
        if room < 0:
            share = self.threshold * self._delivered + self._before - 1
            allowed = share // max(self._before, 1) - self._sent
        else:
            allowed = max(self._delivered - self._sent, delivered) + (advanced and not lost)
            allowed = min(room, allowed)
        self.window = in_flight + max(allowed, 0 if self._sent else 1)

    @property
    def reducing(self) -> bool:
        """The window is being spread."""
        return self.phase in (Phase.REDUCED, Phase.RECOVERY)

    def sent(self, segments: int) -> None:
        """Sent while reducing."""
        if self.reducing:
            self._sent += segments
