"""How large the receive buffer is (net.ipv4.tcp_moderate_rcvbuf).

Law: it never shrinks. It holds twice what the user reads in a round trip, and all that lies
beyond a gap, so that neither a late reader nor a lost segment closes the window.

The round trip is the peer's: how long it takes to fill a whole window, the shortest so far.
"""

from __future__ import annotations

from pknet.netns.socket.tcp.window import ReceiveWindow
from pknet.sim.clock import MICROSECOND


class RightSizing:
    """``now`` is in nanoseconds, the rest in bytes, or positions where it says so.

    ``attached``: a user has the socket, who may read (Linux: sk->sk_socket). What he read in a
    round trip, the most so far, is the window's ``space``.
    """

    def __init__(self, window: ReceiveWindow) -> None:
        self.attached = False
        self.trip = 0  # µs; 0: not measured
        self._window = window
        self._trip_since: int | None = None
        self._trip_end = 0  # the position that ends the measurement
        self._now = 0  # when the last segment came (Linux: tcp_mstamp)
        self._read_since = 0
        self._read_to = 1  # the position up to which was read by then

    def came(self, now: int) -> None:
        """A segment did, whatever it was."""
        self._now = now

    def received(self, expected: int) -> None:
        """Data in its turn; ``expected`` is the next position (Linux: tcp_rcv_rtt_measure)."""
        if self._trip_since is not None:
            if expected < self._trip_end:
                return
            trip = max((self._now - self._trip_since) // MICROSECOND, 1)
            self.trip = min(self.trip or trip, trip)
        self._trip_end = expected + self._window.offered
        self._trip_since = self._now

    def came_early(self, beyond: int) -> None:
        """A segment did; ``beyond``: from the gap to the last of them (tcp_data_queue_ofo)."""
        if self.attached:
            self._grow(self._window.space, beyond)

    def was_read(self, position: int, unread: int, beyond: int) -> None:
        """The user has read up to ``position`` (Linux: tcp_rcv_space_adjust)."""
        if not self.trip or self._now - self._read_since < self.trip * MICROSECOND:
            return
        read = position - self._read_to - unread
        if read > self._window.space:
            self._grow(read, beyond)
        self._read_to, self._read_since = position, self._now

    def _grow(self, space: int, beyond: int) -> None:
        """Linux: tcp_rcvbuf_grow. A sender that doubles its rate finds room."""
        before, self._window.space = self._window.space, space
        wanted = 2 * space
        wanted += 2 * (wanted * (space - before) // before)
        self._window.hold(wanted + beyond)
