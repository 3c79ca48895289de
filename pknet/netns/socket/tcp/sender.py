"""The sending half of a connection (RFC 9293, section 3.8; Linux: tcp_output.c).

Law: nothing leaves that the peer's window, the congestion window and Nagle do not allow. What
leaves is handed to ``transmit`` at once, oldest first.

    Writer -> chunks -> push -> transmit      tcp_sendmsg, tcp_write_xmit
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.netns.socket.tcp import pacing
from pknet.netns.socket.tcp.congestion import Congestion, Phase
from pknet.netns.socket.tcp.nagle import Nagle
from pknet.netns.socket.tcp.push import Push, Way
from pknet.netns.socket.tcp.rtt import Rtt
from pknet.netns.socket.tcp.scoreboard import Scoreboard
from pknet.netns.socket.tcp.send_queue import Chunk, SendQueue
from pknet.netns.socket.tcp.settings import DEFAULT_MSS
from pknet.netns.socket.tcp.timers import Timer, Timers
from pknet.netns.socket.tcp.usage import Usage
from pknet.wire.tcp import FIN, PSH, SYN

#: Sends a chunk as one burst, at the time it is handed over.
Transmit = Callable[[int, Chunk], None]


class Sender:
    """``window`` is what the peer offers, from ``queue.una`` on."""

    def __init__(self, timers: Timers, transmit: Transmit) -> None:
        self.queue = SendQueue()
        self.rtt = Rtt()
        self.congestion = Congestion()
        self.usage = Usage(self.congestion)
        self.nagle = Nagle(self.queue)
        self.board = Scoreboard(self.queue, self.rtt)
        self.timers = timers
        self.window = 0
        self.max_window = 0
        self.sack = False  # both ends speak it
        self.largest = DEFAULT_MSS  # payload that a segment without options may have
        #: Bytes of options that a segment sent now would have.
        self.overhead: Callable[[], int] = lambda: 0
        self._transmit = transmit
        self._turn = 0
        self._last_sent = 0
        self.last_data = 0  # Linux: lsndtime
        self._held_back = False  # a chunk waits, for the congestion window had no room
        self.last_push = Push(Way.USUAL, 0, self.usage.figures)

    @property
    def mss(self) -> int:
        """Bytes of payload that a segment has at most just now (Linux: tcp_current_mss)."""
        return pacing.within_half(self.largest, self.max_window) - self.overhead()

    @property
    def window_end(self) -> int:
        """The position that the peer would not take (Linux: tcp_wnd_end)."""
        return self.queue.una + self.window

    # --- what leaves

    def push(self, now: int, way: Way = Way.USUAL) -> bool:
        """As much as is allowed; True where that is something (Linux: tcp_write_xmit)."""
        self._held_back = False
        self._begin(way)
        while self.queue.unsent and self._send_first(now, way):
            if way in (Way.ONE, Way.PROBE):
                break
        return self.pushed(now, self.last_push, held_back=self._held_back)

    def _begin(self, way: Way) -> None:
        self.last_push = Push(way, self.queue.next, self.usage.figures)

    def pushed(self, now: int, push: Push, *, held_back: bool) -> bool:
        """What ``push`` says of the congestion window; True where something left by it."""
        limited = held_back or self.board.in_flight >= self.congestion.window
        sent = self.queue.next != push.begun
        if sent or limited:
            self.usage.note(now, self.rtt.rto, self.queue.una, self.queue.next, self.board.out,
                            limited=limited)  # fmt: skip
        return sent

    def _send_first(self, now: int, way: Way) -> bool:
        """The first chunk that waits, or what may go of it."""
        queue = self.queue
        quota = pacing.quota(self.congestion, self.board.in_flight)
        if not quota:
            if way is not Way.PROBE:
                return False
            quota = 1
        quota = min(quota, pacing.burst_limit(self.congestion, self.rtt, self.mss))
        chunk = queue.unsent[0]
        queue.fill(chunk, quota * self.mss)
        chunk.mss = self.mss
        if not self._fits(chunk):
            return False
        if chunk.segments == 1:
            if way is Way.USUAL and len(queue.unsent) == 1 and self.nagle.waits(chunk, self.mss):
                return False
        else:
            if way in (Way.USUAL, Way.HURRY) and self._defer(now, chunk):
                return False
            self._cut(chunk, quota, hold=way is Way.USUAL and self.nagle.holds)
        self._send_next(now, chunk)
        return True

    def _cut(self, chunk: Chunk, quota: int, *, hold: bool) -> None:
        """Leave for later what may not go with the first of it (Linux: tso_fragment)."""
        last = len(self.queue.unsent) == 1
        limit = pacing.split_point(chunk, last, self._room(chunk), quota, self.mss, hold)
        if len(chunk.data) > limit:
            self.queue.cut(chunk, limit)

    def _room(self, chunk: Chunk) -> int:
        """Bytes of it, and what follows, that the peer's window takes."""
        return self.window_end - chunk.start

    def open(self, now: int) -> None:
        """Send a SYN, which no window forbids (Linux: tcp_connect)."""
        self._begin(Way.USUAL)
        self._send_next(now, self.queue.put(SYN))

    def force(self, now: int) -> bool:
        """A segment of whatever size the window takes; False: none (Linux: tcp_write_wakeup)."""
        chunk = self.queue.unsent[0]
        size = min(self._room(chunk), self.mss)
        if size <= 0:
            return False
        if len(chunk.data) > size:
            self.queue.cut(chunk, size)
        chunk.flags |= PSH
        self._begin(Way.WAKE)
        self._send_next(now, chunk)
        return True

    def _defer(self, now: int, chunk: Chunk) -> bool:
        """Wait for a larger burst (Linux: tcp_tso_should_defer)."""
        congestion, queue = self.congestion, self.queue
        if not queue.sent or chunk.flags & FIN or congestion.phase >= Phase.RECOVERY:
            return False
        last, in_flight = len(queue.unsent) == 1, self.board.in_flight
        room = self._room(chunk)
        if not pacing.may_defer(chunk, last, room, self.window, congestion, in_flight, self.mss):
            return False
        if pacing.defer_is_late(now, queue.sent[0].sent_at, self._last_sent, self.rtt):
            return False
        allowed = (congestion.window - in_flight) * self.mss
        self._held_back = allowed < room and allowed <= len(chunk.data)
        return True

    def _fits(self, chunk: Chunk) -> bool:
        """The peer's window takes its first segment (Linux: tcp_snd_wnd_test)."""
        end = chunk.end if len(chunk.data) <= self.mss else chunk.start + self.mss
        return end <= self.window_end

    def _send_next(self, now: int, chunk: Chunk) -> None:
        """Linux: tcp_transmit_skb, tcp_event_new_data_sent."""
        idle = not self.queue.sent
        chunk.push, chunk.timers = self.last_push, self.timers.transmission
        self.queue.send()
        chunk.mss = self.mss
        self.nagle.sent(chunk)
        self.hand_over(now, chunk)
        self.congestion.sent(chunk.segments)
        if idle or self.timers.running(Timer.LOSS_PROBE):
            self.rearm(now)

    def hand_over(self, now: int, chunk: Chunk) -> None:
        """It leaves, for the first time or once more."""
        chunk.sent_before, chunk.sent_at, self._last_sent = chunk.sent_at, now, now
        self._turn += 1
        chunk.turn = self._turn
        if chunk.data:
            self.last_data = now
        self._transmit(now, chunk)

    def rearm(self, now: int) -> None:
        """The oldest chunk must be acknowledged in time (RFC 6298, 5; Linux: tcp_rearm_rto)."""
        if not self.queue.sent:
            self.timers.stop(Timer.RETRANSMIT, Timer.LOSS_PROBE, Timer.REORDER)
            return
        rto = self.rtt.rto
        if self.timers.running(Timer.REORDER, Timer.LOSS_PROBE):
            rto = max(self.oldest_due - now, 1)  # it has waited since it was sent
        self.timers.set(Timer.RETRANSMIT, now, rto)

    @property
    def oldest_due(self) -> int:
        """When the oldest chunk's time is over (Linux: tcp_rto_delta_us)."""
        return self.queue.sent[0].sent_at + self.rtt.rto
