"""The probe of a closed window (RFC 9293, section 3.8.6.1; Linux: tcp_send_probe0).

Law: a window that closed may open by a segment that gets lost: ask, more and more seldom, while
something waits to be sent and nothing is under way.
"""

from __future__ import annotations

from pknet.netns.socket.tcp.send_queue import Chunk
from pknet.netns.socket.tcp.sender import Sender
from pknet.netns.socket.tcp.settings import RTO_MAX, RTO_MIN, Settings
from pknet.netns.socket.tcp.timers import TRANSMISSION, Timer


class WindowProbe:
    """Of one sender."""

    def __init__(self, sender: Sender, settings: Settings) -> None:
        self.sender = sender
        self._limit = settings.retries2
        self._forced: Chunk | None = None  # the last that was sent to probe
        self._probes = 0  # without an answer, doubling each pause

    def answered(self, now: int) -> None:
        """An acknowledgement came: whether what waits may go now (Linux: tcp_ack_probe)."""
        sender = self.sender
        if sender.queue.sent or not sender.queue.unsent:
            return
        if sender.queue.unsent[0].end <= sender.window_end:
            self._probes = 0
            sender.timers.stop(Timer.WINDOW_PROBE)
        else:
            sender.timers.set(Timer.WINDOW_PROBE, now, self._pause())

    def wait(self, now: int) -> None:
        """Something could not be sent, and nothing is under way (tcp_check_probe_timer)."""
        sender = self.sender
        idle = not sender.queue.sent and not sender.timers.running(*TRANSMISSION)
        if idle and sender.queue.unsent:
            sender.timers.set(Timer.WINDOW_PROBE, now, max(sender.rtt.rto, RTO_MIN))

    def refused(self, now: int, chunk: Chunk) -> None:
        """Our own node did not let ``chunk`` go, perhaps a probe: try again in a while."""
        if chunk is self._forced:
            self._ask_later(now)
        self.wait(now)

    def probe(self, now: int) -> bool:
        """Ask whether it is still closed; True: by a segment without data (tcp_send_probe0)."""
        sender = self.sender
        if sender.queue.sent or not sender.queue.unsent:
            self._probes = 0
            return False
        bare = not sender.force(now)
        if bare:
            self._ask_later(now)
        else:
            self._forced = sender.queue.sent[-1]
        return bare

    def _ask_later(self, now: int) -> None:
        self._probes = min(self._probes + 1, self._limit)
        self.sender.timers.set(Timer.WINDOW_PROBE, now, self._pause())

    def _pause(self) -> int:
        return min(max(self.sender.rtt.rto, RTO_MIN) << self._probes, RTO_MAX)
