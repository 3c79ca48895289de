"""The probe of a closed window (RFC 9293, section 3.8.6.1; Linux: tcp_send_probe0).

Law: a window that closed may open by a segment that gets lost: ask, more and more seldom, while
something waits to be sent and nothing is under way. Who is never answered gives up.
"""

from __future__ import annotations

from pknet.netns.socket.tcp.push import Push, Way
from pknet.netns.socket.tcp.sender import Sender
from pknet.netns.socket.tcp.settings import ORPHAN_RETRIES, RTO_MAX, RTO_MIN, Settings
from pknet.netns.socket.tcp.timers import TRANSMISSION, Timer


class WindowProbe:
    """Of one sender."""

    def __init__(self, sender: Sender, settings: Settings) -> None:
        self.sender = sender
        self._limit = settings.retries2
        self._unanswered = 0  # probes since an acknowledgement came (Linux: icsk_probes_out)
        self._doublings = 0  # of the pause (Linux: icsk_backoff)

    def answered(self, now: int) -> None:
        """An acknowledgement came: whether what waits may go now (Linux: tcp_ack_probe)."""
        sender = self.sender
        self._unanswered = 0
        if sender.queue.sent or not sender.queue.unsent:
            return
        if sender.queue.unsent[0].end <= sender.window_end:
            self._doublings = 0
            sender.timers.stop(Timer.WINDOW_PROBE)
        else:
            sender.timers.set(Timer.WINDOW_PROBE, now, self._pause())

    def wait(self, now: int) -> None:
        """Something could not be sent, and nothing is under way (tcp_check_probe_timer)."""
        sender = self.sender
        idle = not sender.queue.sent and not sender.timers.running(*TRANSMISSION)
        if idle and sender.queue.unsent:
            sender.timers.set(Timer.WINDOW_PROBE, now, max(sender.rtt.rto, RTO_MIN))

    def refused(self, now: int, push: Push) -> None:
        """Our own node let nothing go, of a probe or another ``push``: try again in a while."""
        if push.way is Way.WAKE:
            self._ask_later(now)
        self.wait(now)

    def exhausted(self, *, orphan: bool) -> bool:
        """Nobody answers, and it has asked often enough (Linux: tcp_probe_timer)."""
        if self.sender.queue.sent or not self.sender.queue.unsent:
            return False
        limit = self._limit
        if orphan:
            limit = ORPHAN_RETRIES if self._wait_of(self._doublings) < RTO_MAX else 0
        return self._unanswered >= limit

    def probe(self, now: int) -> bool:
        """Ask whether it is still closed; True: by a segment without data (tcp_send_probe0)."""
        sender = self.sender
        if sender.queue.sent or not sender.queue.unsent:
            self._unanswered = 0
            return False
        bare = not sender.force(now)
        if bare:
            self._ask_later(now)
        return bare

    def _ask_later(self, now: int) -> None:
        self._unanswered += 1
        self._doublings = min(self._doublings + 1, self._limit)
        self.sender.timers.set(Timer.WINDOW_PROBE, now, self._pause())

    def _pause(self) -> int:
        return min(self._wait_of(self._doublings), RTO_MAX)

    def _wait_of(self, doublings: int) -> int:
        return max(self.sender.rtt.rto, RTO_MIN) << doublings
