"""How much of the congestion window is used (RFC 2861, RFC 7661; Linux: tcp_cwnd_validate).

Law: a window that was not used proves nothing. It does not grow, and what of it was not used for
long is given up; after a pause a connection begins as it did at first.
"""

from __future__ import annotations

from typing import NamedTuple

from pknet.netns.socket.tcp.congestion import Congestion, Phase
from pknet.netns.socket.tcp.settings import INITIAL_CWND


class Figures(NamedTuple):
    """Segments and positions of one sender; times in nanoseconds."""

    limited: bool  # the window held something back in this round trip
    busiest: int  # segments, the most under way in this round trip (max_packets_out)
    round_end: int
    used: int  # segments, the most under way since it was limited
    since: int
    window: int  # the congestion window, and its threshold
    threshold: int


class Usage:
    """Of one sender."""

    def __init__(self, congestion: Congestion) -> None:
        self._limited = False
        self._busiest = 0
        self._congestion = congestion
        self._round_end = 0
        self._used = 0
        self._since = 0

    @property
    def figures(self) -> Figures:
        """All that a push changes, for ``restore``."""
        congestion = self._congestion
        return Figures(self._limited, self._busiest, self._round_end, self._used, self._since,
                       congestion.window, congestion.threshold)  # fmt: skip

    def restore(self, before: Figures) -> None:
        """What was noted since then never happened."""
        self._limited, self._busiest, self._round_end = before[:3]
        self._used, self._since = before.used, before.since
        self._congestion.window, self._congestion.threshold = before.window, before.threshold

    @property
    def grows(self) -> bool:
        """The window may (Linux: tcp_is_cwnd_limited)."""
        congestion = self._congestion
        return self._limited or (congestion.slow_start and congestion.window < 2 * self._busiest)

    def note(
        self, now: int, rto: int, una: int, sent_to: int, out: int, *, limited: bool
    ) -> None:  # fmt: skip
        """``out`` segments are under way, up to ``sent_to``; ``limited`` by the window."""
        if una >= self._round_end or limited or (not self._limited and out > self._busiest):
            self._limited = limited
            self._busiest = out
            self._round_end = sent_to
        if self.grows:
            self._used, self._since = 0, now
            return
        self._used = max(self._used, out)
        if now - self._since >= rto:
            self._give_up(now)

    def _give_up(self, now: int) -> None:
        """Half of what was not used (Linux: tcp_cwnd_application_limited)."""
        congestion = self._congestion
        if congestion.phase is Phase.OPEN:
            used = max(self._used, INITIAL_CWND)
            if used < congestion.window:
                congestion.rest((congestion.window + used) >> 1)
            self._used = 0
        self._since = now

    def restart(self, now: int, idle: int, rto: int) -> None:
        """Nothing was sent for ``idle`` ns (net.ipv4.tcp_slow_start_after_idle)."""
        congestion = self._congestion
        if idle <= rto:
            return
        least = min(INITIAL_CWND, congestion.window)
        window = congestion.window
        while (idle := idle - rto) > 0 and window > least:
            window >>= 1
        congestion.rest(max(window, least))
        self._used, self._since = 0, now
