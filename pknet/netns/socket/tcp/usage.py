"""How much of the congestion window is used (RFC 2861, RFC 7661; Linux: tcp_cwnd_validate).

Law: a window that was not used proves nothing. It does not grow, and what of it was not used for
long is given up; after a pause a connection begins as it did at first.
"""

from __future__ import annotations

from pknet.netns.socket.tcp.congestion import Congestion, Phase
from pknet.netns.socket.tcp.settings import INITIAL_CWND


class Usage:
    """Positions and segments of one sender."""

    def __init__(self, congestion: Congestion) -> None:
        self.limited = False  # the window held something back in this round trip
        self.busiest = 0  # segments, the most under way in this round trip (max_packets_out)
        self._congestion = congestion
        self._round_end = 0
        self._used = 0  # segments, the most under way since it was limited
        self._since = 0

    @property
    def grows(self) -> bool:
        """The window may (Linux: tcp_is_cwnd_limited)."""
        congestion = self._congestion
        return self.limited or (congestion.slow_start and congestion.window < 2 * self.busiest)

    @property
    def known(self) -> tuple[bool, int, int, int, int]:
        """All that is known of it, to go back to."""
        return self.limited, self.busiest, self._round_end, self._used, self._since

    def go_back(self, known: tuple[bool, int, int, int, int]) -> None:
        """To what was known then."""
        self.limited, self.busiest, self._round_end, self._used, self._since = known

    def note(
        self, now: int, rto: int, una: int, sent_to: int, out: int, *, limited: bool
    ) -> None:  # fmt: skip
        """``out`` segments are under way, up to ``sent_to``; ``limited`` by the window."""
        if una >= self._round_end or limited or (not self.limited and out > self.busiest):
            self.limited = limited
            self.busiest = out
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
