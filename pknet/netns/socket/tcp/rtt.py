"""Round-trip times, and the retransmission timeout (RFC 6298; Linux: tcp_rtt_estimator).

Law: integer arithmetic on whole microseconds, as the kernel does it, so that timeouts agree.
"""

from __future__ import annotations

from pknet.netns.socket.tcp.settings import RTO_FALLBACK, RTO_INITIAL, RTO_MAX, RTO_MIN
from pknet.sim.clock import MICROSECOND

_MIN = RTO_MIN // MICROSECOND


class Rtt:
    """What one connection has measured. ``rto`` and ``least`` are in nanoseconds."""

    def __init__(self) -> None:
        self.srtt = 0  # microseconds, times 8; 0: nothing measured yet
        self.least: int | None = None
        self._deviation = 0  # microseconds, times 4
        self._deviation_max = 0
        self._variance = 0
        self._round_ends = 0  # the position whose acknowledgement ends this round trip
        self._base = RTO_INITIAL
        self.backoff = 0

    @property
    def rto(self) -> int:
        """The timeout as it stands, doubled for each that has run out."""
        return min(self._base << self.backoff, RTO_MAX)

    @property
    def smooth(self) -> int:
        """The smoothed round-trip time."""
        return (self.srtt >> 3) * MICROSECOND

    def fall_back(self) -> None:
        """The handshake gave no sample (Linux: tcp_init_metrics)."""
        if not self.srtt:
            self._deviation = self._deviation_max = self._variance = RTO_FALLBACK // MICROSECOND
            self._base = RTO_FALLBACK

    def sample(self, duration: int, una: int, nxt: int) -> None:
        """One measurement; ``una`` and ``nxt`` are the positions acknowledged, and sent."""
        self.least = duration if self.least is None else min(self.least, duration)
        measured = max(duration // MICROSECOND, 1)
        if self.srtt:
            self._smooth(measured, una, nxt)
        else:
            self.srtt = measured << 3
            self._deviation = measured << 1
            self._variance = self._deviation_max = max(self._deviation, _MIN)
            self._round_ends = nxt
        self._base = min(((self.srtt >> 3) + self._variance) * MICROSECOND, RTO_MAX)
        self.backoff = 0

    def _smooth(self, measured: int, una: int, nxt: int) -> None:
        error = measured - (self.srtt >> 3)
        self.srtt = max(self.srtt + error, 1)
        if error < 0:
            error = -error - (self._deviation >> 2)
            if error > 0:
                error >>= 3  # a round trip that became shorter says less
        else:
            error -= self._deviation >> 2
        self._deviation += error
        self._deviation_max = max(self._deviation_max, self._deviation)
        self._variance = max(self._variance, self._deviation_max)
        if una > self._round_ends:
            if self._deviation_max < self._variance:
                self._variance -= (self._variance - self._deviation_max) >> 2
            self._round_ends = nxt
            self._deviation_max = _MIN
