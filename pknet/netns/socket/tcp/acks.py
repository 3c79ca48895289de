"""When to acknowledge: at once, or a little later in the hope of company (RFC 9293, 3.8.6.3).

Law: a conversation begins quick (each segment is acknowledged at once, so that the sender's
window opens), and turns lazy when we have answered: then acknowledgements ride on data.

    quick      a budget of immediate acknowledgements; spent as they go (icsk_ack.quick)
    pingpong   we answered data within ``ato``: acknowledge late (inet_csk_in_pingpong_mode)
    pending    something is still to be acknowledged (ICSK_ACK_SCHED)
    now        and must be at once (ICSK_ACK_NOW)
"""

from __future__ import annotations

from pknet.netns.socket.tcp.memory import Memory
from pknet.netns.socket.tcp.settings import (
    ATO_MIN,
    DEFAULT_MSS,
    DELACK_MAX,
    MIN_MSS,
    QUICK_ACKS,
)
from pknet.netns.socket.tcp.window import ReceiveWindow
from pknet.wire import tcp

_HEADER = tcp.MIN_HEADER
_MAX_WITHOUT_RTT = 500_000_000  # Linux: HZ / 2


class Acks:
    """The mood of one end."""

    def __init__(self, window: ReceiveWindow) -> None:
        self.pending = False
        self.now = False
        self._window = window
        self._quick = 0
        self._pingpong = False
        self._ato = 0  # acknowledgement timeout; 0: no data yet
        self._last_received = 0
        self._pushed = 0  # small segments since the last acknowledgement (ICSK_ACK_PUSHED, …2)
        self._last_size = 0
        window.when_tight = self._calm

    @property
    def quick(self) -> bool:
        """True while segments are acknowledged one by one (Linux: tcp_in_quickack_mode)."""
        return self._quick > 0 and not self._pingpong

    # --- what came

    def received(self, now: int, memory: Memory, flags: int, rto: int) -> None:
        """Data in its turn (Linux: tcp_event_data_recv, as far as it is about time)."""
        self.pending = True
        self.measure(memory, flags)
        if not self._ato:
            self._add_quick()
            self._ato = ATO_MIN
        else:
            self._pace(now - self._last_received, rto)
        self._last_received = now

    def _pace(self, pause: int, rto: int) -> None:
        """Let ``ato`` follow the pauses between segments."""
        if pause <= ATO_MIN // 2:
            self._ato = (self._ato >> 1) + ATO_MIN // 2
        elif pause < self._ato:
            self._ato = min((self._ato >> 1) + pause, rto)
        elif pause > rto:
            self._add_quick()

    def measure(self, memory: Memory, flags: int) -> None:
        """Guess the sender's segment size (Linux: tcp_measure_rcv_mss)."""
        window, length = self._window, memory.length
        last, self._last_size = self._last_size, 0
        if length >= window.mss:
            if length != window.mss:
                window.measure(length, memory.cost)
            if flags & tcp.PSH:
                self._pushed = max(self._pushed, 1)
            return
        full = not flags & (tcp.PSH | tcp.FIN | tcp.SYN | tcp.URG)
        if length >= DEFAULT_MSS or (length >= MIN_MSS and full):
            self._last_size = length
            if length == last:
                window.mss = length
                return
        self._pushed = min(self._pushed + 1, 2)

    def opened(self) -> None:
        """The window may open further: tell the sender soon."""
        self._quick |= 1

    def duplicate(self) -> None:
        """The sender repeats itself (Linux: tcp_enter_quickack_mode)."""
        self.pending = True
        self.hurry()

    def hurry(self) -> None:
        """Back to quick."""
        self._add_quick()
        self._pingpong = False
        self._ato = ATO_MIN

    def _calm(self) -> None:
        """There is little room: no need to draw the sender on."""
        self._quick = 0

    def be_lazy(self) -> None:
        """The peer has finished: what is left to say can wait for our own FIN."""
        self._pingpong = True

    def _add_quick(self) -> None:
        budget = self._window.offered // (2 * self._window.mss) or 2
        self._quick = max(self._quick, min(budget, QUICK_ACKS))

    # --- what went

    def answered(self, now: int) -> None:
        """We sent data (Linux: tcp_event_data_sent)."""
        if now - self._last_received < self._ato:
            self._pingpong = True

    def sent(self) -> None:
        """An acknowledgement went, alone or on a segment (Linux: tcp_event_ack_sent)."""
        if self._quick:
            self._quick -= self.pending
            if not self._quick:
                self._ato = ATO_MIN
        self.pending = self.now = False
        self._pushed = 0

    # --- how long to wait

    def delay(self, smooth: int, tick: int) -> int:
        """How long an acknowledgement may wait (Linux: tcp_send_delayed_ack).

        ``smooth`` is the smoothed round-trip time, 0 where there is none; ``tick`` rounds it.
        """
        wait = self._ato
        if wait > ATO_MIN:
            most = DELACK_MAX if self._pingpong or self._pushed else _MAX_WITHOUT_RTT
            if smooth:
                most = min(most, max(-(-smooth // tick) * tick, ATO_MIN))
            wait = min(wait, most)
        return min(wait, DELACK_MAX)

    def waited(self, rto: int) -> None:
        """Company never came (Linux: tcp_delack_timer_handler)."""
        if self._pingpong:
            self._pingpong = False
            self._ato = ATO_MIN
        else:
            self._ato = min(self._ato << 1, rto)

    def due_after_read(self, unacknowledged: int, emptied: bool) -> bool:
        """The user has read (Linux: tcp_cleanup_rbuf); ``emptied``: nothing unread is left."""
        if not self.pending:
            return False
        if unacknowledged > self._window.mss:
            return True
        return emptied and (self._pushed == 2 or (self._pushed == 1 and not self._pingpong))
