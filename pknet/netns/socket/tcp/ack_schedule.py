"""How acknowledgements go: now, later, or several in one (Linux: __tcp_ack_snd_check).

Law: what is pending is acknowledged at some time. Acks says in what mood we are; here is what
follows from it, and which timer runs.

    now        more than a segment is unacknowledged, we are quick, or a gap was filled
    the third  early segments: the first three at once, so that the peer knows; then some in one
    delayed    all else, in the hope of company
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.netns.socket.tcp.acks import Acks
from pknet.netns.socket.tcp.receive_queue import ReceiveQueue
from pknet.netns.socket.tcp.right_sizing import RightSizing
from pknet.netns.socket.tcp.rtt import Rtt
from pknet.netns.socket.tcp.settings import REORDERING
from pknet.netns.socket.tcp.timers import TICK, Timer, Timers
from pknet.netns.socket.tcp.window import ReceiveWindow
from pknet.sim.clock import MICROSECOND

COMPRESSED_MAX = 44  # acknowledgements of early segments held back (net.ipv4.tcp_comp_sack_nr)
_COMPRESS_DELAY = 1000 * MICROSECOND  # net.ipv4.tcp_comp_sack_delay_ns
_COMPRESS_SLACK = 100 * MICROSECOND  # net.ipv4.tcp_comp_sack_slack_ns
_COMPRESS_SHARE = 20  # of the round trip: 5 %


class AckSchedule:
    """``send_ack`` sends a bare acknowledgement, and calls ``told``."""

    def __init__(
        self, queue: ReceiveQueue, window: ReceiveWindow, acks: Acks, sizing: RightSizing,
        timers: Timers, rtt: Rtt, send_ack: Callable[[int], None],
    ) -> None:  # fmt: skip
        self.sack = False  # both ends speak it
        self._queue = queue
        self._window = window
        self._acks = acks
        self._sizing = sizing
        self._timers = timers
        self._rtt = rtt
        self._send_ack = send_ack
        self._holding = self._held = False
        self._told_at = 0  # the position that the last prompt duplicates told of
        self._told = 0
        self._held_back = 0  # acknowledgements of early segments not sent one by one

    def check(self, now: int) -> None:
        """Acknowledge now, later, or not yet."""
        if not self._acks.pending:
            return
        if self._is_far() or self._acks.quick or self._acks.now:
            if self._holding:
                self._held = True
            else:
                self._send_ack(now)
        elif self._queue.early:
            self._tell_early(now)
        else:
            self._delay(now)

    def _is_far(self) -> bool:
        """More than a segment is unacknowledged, and the window does not close for it."""
        queue, window = self._queue, self._window
        if queue.next - window.edge <= window.mss:
            return False
        return not queue.ready or window.wanted(queue.cost) >= window.offered

    # --- early segments

    def _tell_early(self, now: int) -> None:
        """The first few at once, so that the peer knows; then some in one (RFC 2018)."""
        if not self.sack or self._held_back >= COMPRESSED_MAX:
            self._send_ack(now)
            return
        if self._told_at != self._queue.next:
            self._told_at, self._told = self._queue.next, 0
        if self._told < REORDERING:
            self._told += 1
            self._send_ack(now)
            return
        self._held_back += 1
        if not self._timers.running(Timer.COMPRESSED_ACK):
            self._timers.set_exact(Timer.COMPRESSED_ACK, now, self._patience())

    def _patience(self) -> int:
        """The kernel's timer has slack, and with nothing else to wake it takes all of that."""
        trip, smooth = self._sizing.trip * MICROSECOND, self._rtt.smooth
        if smooth and smooth < trip:
            trip = smooth
        return min(trip // _COMPRESS_SHARE, _COMPRESS_DELAY) + _COMPRESS_SLACK

    def tell_held_back(self, now: int) -> None:
        """Those in one, now (Linux: tcp_compressed_ack_kick, tcp_sack_compress_send_ack)."""
        if self._held_back:
            self._send_ack(now)

    # --- delayed

    def _delay(self, now: int) -> None:
        """Linux: tcp_send_delayed_ack."""
        wait = self._acks.delay(self._rtt.smooth, TICK)
        due = self._timers.when(Timer.DELAYED_ACK)
        if due is not None and due <= now + (wait >> 2):
            self._send_ack(now)
        elif due is None or due > now + wait:
            self._timers.set(Timer.DELAYED_ACK, now, wait)

    def waited(self, now: int) -> None:
        """The delayed acknowledgement's time has come."""
        if self._acks.pending:
            self._acks.waited(self._rtt.rto)
            self._send_ack(now)

    # --- while a system call has the socket

    def hold(self, cost: int) -> None:
        """Segments that waited for a system call come now, one after another.

        Their memory counts as waiting until all have come (Linux: __release_sock).
        """
        self._holding = True
        self._queue.backlog = cost

    def release(self, now: int) -> None:
        """They have come: one acknowledgement for all (net.ipv4.tcp_backlog_ack_defer)."""
        self._holding = False
        self._queue.backlog = 0
        if self._held:
            self._send_ack(now)

    # --- afterwards

    def told(self) -> None:
        """An acknowledgement went, alone or with data."""
        self._acks.sent()
        self._held = False
        self._held_back = 0
        self._timers.stop(Timer.DELAYED_ACK, Timer.COMPRESSED_ACK)

    def after_read(self, now: int) -> None:
        """The window may open again (Linux: __tcp_cleanup_rbuf)."""
        queue, window = self._queue, self._window
        due = self._acks.due_after_read(queue.next - window.edge, emptied=True)
        left = window.open_from(queue.next)
        if not due and not queue.finished and 2 * left <= window.clamp:
            wanted = window.wanted(queue.cost)
            due = wanted > 0 and wanted >= 2 * left
        if due:
            self._send_ack(now)
