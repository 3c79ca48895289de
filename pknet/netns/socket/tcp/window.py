"""The window that we offer (RFC 9293, section 3.8.6.2; Linux: __tcp_select_window).

Law: a window once offered is never taken back. It opens as fast as segments prove that the
buffer holds much payload for little overhead, and closes only as unread data fills the buffer.

A buffer is counted in what segments take of memory, a window in payload; ``ratio`` (in 1/256)
is what the largest segment so far had of payload.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.netns.socket.tcp.settings import (
    DEFAULT_MSS,
    INITIAL_CWND,
    MAX_WINDOW,
    MIN_MSS,
    Settings,
)

INITIAL_RATIO = 128  # half of it (Linux: TCP_DEFAULT_SCALING_RATIO)
MIN_BUFFER = 2304  # Linux: SOCK_MIN_RCVBUF


class ReceiveWindow:
    """``scale`` 0 where the peer does not scale; ``space``: see right_sizing."""

    def __init__(self, settings: Settings, scale: int) -> None:
        self.settings = settings
        self.scale = scale
        self.offered = settings.initial_window  # from ``edge``: what the peer was last told
        self.edge = 0  # the position expected when it was told
        self.mss = max(min(settings.mss, self.offered // 2, DEFAULT_MSS), MIN_MSS)  # the peer's
        self._ratio = INITIAL_RATIO
        self._buffer = settings.rcvbuf  # bytes of memory (Linux: sk_rcvbuf)
        self.clamp = self._initial_clamp()
        self._threshold = min(self.offered, self.clamp)
        self.space = min(self._threshold, self.offered, INITIAL_CWND * settings.mss)
        self.when_tight: Callable[[], None] = lambda: None  # called while it is more than half full

    def _initial_clamp(self) -> int:
        """Half the buffer, less one segment (Linux: tcp_init_buffer_space)."""
        mss, most = self.settings.mss, self._payload(self._buffer)
        return max(2 * mss, most - mss)

    def _payload(self, memory: int) -> int:
        """Linux: tcp_win_from_space."""
        return memory * self._ratio >> 8

    def hold(self, payload: int) -> None:
        """Have a buffer that holds ``payload`` bytes, as far as it may (tcp_rcvbuf_grow)."""
        wanted = min((payload << 8) // self._ratio, self.settings.rmem_max)
        if wanted > self._buffer:
            self._buffer = wanted
            self.clamp = self._payload(wanted)

    def open_from(self, expected: int) -> int:
        """Bytes of the offer that are left from ``expected`` on (Linux: tcp_receive_window)."""
        return max(self.edge + self.offered - expected, 0)

    # --- what segments prove

    def measure(self, length: int, memory: int) -> None:
        """The largest segment so far tells what a segment costs (Linux: tcp_measure_rcv_mss)."""
        ratio = max((length << 8) // memory, 1)
        if ratio != self._ratio:
            self._ratio = ratio
            self._set_clamp(max(MIN_BUFFER // 2, self._payload(self._buffer)))
            self.space = min(self.space, self.clamp)
        self.mss = min(length, self.settings.mss)

    def _set_clamp(self, clamp: int) -> None:
        """Linux: tcp_set_window_clamp."""
        if clamp < self.clamp:
            self._threshold = min(self._threshold, clamp)
        elif clamp > self.clamp:
            self._threshold = max(self._threshold, min(self.offered, clamp))
        self.clamp = clamp

    def grow(self, length: int, memory: int, used: int) -> bool:
        """A segment came in while ``used`` bytes of the buffer are taken (tcp_grow_window).

        ``memory`` is what the segment takes for good; True where the window may open further.
        """
        room = min(self.clamp, self._payload(self._buffer - used)) - self._threshold
        if room <= 0:
            return False
        cheap = self._payload(memory) <= length
        step = 2 * self.settings.mss if cheap else self._costly_step(length, memory)
        if not step:
            return False
        self._threshold += min(room, max(step, 2 * length))
        return True

    def _costly_step(self, length: int, memory: int) -> int:
        """Linux: __tcp_grow_window."""
        memory = self._payload(memory) >> 1
        window = self._payload(self.settings.rmem_max) >> 1
        while self._threshold <= window:
            if memory <= length:
                return 2 * self.mss
            memory >>= 1
            window >>= 1
        return 0

    # --- what is offered

    def wanted(self, used: int) -> int:
        """What the buffer allows, unscaled (Linux: __tcp_select_window)."""
        whole = self._payload(self._buffer)
        free = self._payload(self._buffer - used)
        full = min(self.clamp, whole)
        mss = min(self.mss, full)
        if free < full >> 1:
            self.when_tight()
            free = free >> self.scale << self.scale
            if free < whole >> 4 or free < mss:
                return 0
        free = min(free, self._threshold)
        if self.scale:
            return -(-free >> self.scale) << self.scale
        if self.offered <= free - mss or self.offered > free:
            return free - free % mss
        if mss == full and free > self.offered + (full >> 1):
            return free
        return self.offered

    def select(self, expected: int, used: int) -> int:
        """Offer anew; the header's field (Linux: tcp_select_window)."""
        left = self.open_from(expected)
        window = self.wanted(used)
        if window < left:
            window = -(-left >> self.scale) << self.scale
        self.offered, self.edge = window, expected
        return min(window, MAX_WINDOW << self.scale) >> self.scale
