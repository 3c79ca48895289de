"""The sending half of a connection (RFC 9293, section 3.8; Linux: tcp_output.c).

Law: nothing leaves that the peer's window, the congestion window and Nagle do not allow. What
leaves is handed to ``transmit`` at once, oldest first.

    write -> chunks -> push -> transmit      tcp_sendmsg, tcp_write_xmit
    recovery says what is lost -> repeat -> transmit      tcp_xmit_retransmit_queue
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.netns.socket.tcp import pacing
from pknet.netns.socket.tcp.congestion import Congestion
from pknet.netns.socket.tcp.rtt import Rtt
from pknet.netns.socket.tcp.scoreboard import Scoreboard
from pknet.netns.socket.tcp.send_queue import Chunk, SendQueue
from pknet.netns.socket.tcp.settings import DEFAULT_MSS
from pknet.netns.socket.tcp.timers import Timer, Timers
from pknet.wire.tcp import FIN, PSH, SYN

#: Sends a chunk as one burst, at the time it is handed over.
Transmit = Callable[[int, Chunk], None]


class Sender:
    """``window`` is what the peer offers, from ``queue.una`` on."""

    def __init__(self, timers: Timers, transmit: Transmit) -> None:
        self.queue = SendQueue()
        self.rtt = Rtt()
        self.congestion = Congestion()
        self.board = Scoreboard(self.queue, self.rtt)
        self.timers = timers
        self.window = 0
        self.max_window = 0
        self.sack = False  # both ends speak it
        self.largest = DEFAULT_MSS  # payload that a segment without options may have
        #: Bytes of options that a segment sent now would have.
        self.overhead: Callable[[], int] = lambda: 0
        self._transmit = transmit
        self._pushed = 0  # up to here, a PSH was set
        self._small = 0  # the end of the last segment that was not full (Minshall)
        self._last_sent = 0
        self.busiest = 0  # segments, the most under way in this round trip (max_packets_out)
        self._busy_until = 0

    @property
    def mss(self) -> int:
        """Bytes of payload that a segment has at most just now (Linux: tcp_current_mss)."""
        return self.largest - self.overhead()

    @property
    def window_end(self) -> int:
        """The position that the peer would not take (Linux: tcp_wnd_end)."""
        return self.queue.una + self.window

    # --- what the user gives

    def write(self, now: int, data: bytes) -> None:
        """Linux: tcp_sendmsg_locked, tcp_push."""
        queue = self.queue
        goal = pacing.chunk_goal(self.max_window, self.mss)
        end = queue.written + len(data)
        for chunk in queue.write(data, goal):
            if queue.written == end or chunk.end - self._pushed > self.max_window >> 1:
                chunk.flags |= PSH
                self._pushed = chunk.end
                self.push(now)
            elif len(chunk.data) >= goal and chunk is queue.unsent[0]:
                self.push(now, only=1)

    def finish(self, now: int) -> None:
        """A FIN follows what was written (Linux: tcp_send_fin)."""
        self.queue.fin()
        self.push(now)

    # --- what leaves

    def push(self, now: int, only: int = 0) -> bool:
        """As much as is allowed, or ``only`` so many chunks (Linux: tcp_write_xmit)."""
        sent = 0
        while self.queue.unsent and not (only and sent == only):
            chunk = self.queue.unsent[0]
            if not self._may_send(now, chunk, bool(only)):
                break
            self._send_next(now, chunk)
            sent += 1
        if sent:
            self._note_usage()
        return bool(sent)

    def probe(self, now: int) -> bool:
        """One new chunk, and a segment of it even where the congestion window is full (TLP).

        Linux: tcp_write_xmit with push_one 2; neither Nagle nor waiting for a burst applies.
        """
        if not self.queue.unsent or not self._fits(self.queue.unsent[0]):
            return False
        chunk = self.queue.unsent[0]
        chunk.mss = self.mss
        if chunk.segments > 1:
            quota = pacing.quota(self.congestion, self.board.in_flight)
            self._cut_to(chunk, max(quota, 1), hold=False)
        self._send_next(now, chunk)
        return True

    def open(self, now: int) -> None:
        """Send a SYN, which no window forbids (Linux: tcp_connect)."""
        self._send_next(now, self.queue.put(SYN))

    def force(self, now: int) -> bool:
        """A segment of whatever size the window takes; False: none (Linux: tcp_write_wakeup)."""
        chunk = self.queue.unsent[0]
        size = min(self.window_end - chunk.start, self.mss)
        if size <= 0:
            return False
        if len(chunk.data) > size:
            self.queue.cut(chunk, size)
        chunk.flags |= PSH
        self._send_next(now, chunk)
        return True

    def _may_send(self, now: int, chunk: Chunk, one: bool) -> bool:
        in_flight = self.board.in_flight
        chunk.mss = self.mss
        quota = pacing.quota(self.congestion, in_flight)
        if not quota or not self._fits(chunk):
            return False
        last = len(self.queue.unsent) == 1
        room = self.window_end - chunk.start
        if chunk.segments == 1:
            return not last or not self._nagle(chunk)
        if not one and self._defer(now, chunk, last, room, in_flight):
            return False
        self._cut_to(chunk, quota, hold=self._holds_small())
        return True

    def _cut_to(self, chunk: Chunk, quota: int, *, hold: bool) -> None:
        """Leave for later what may not go with the first of it (Linux: tso_fragment)."""
        last = len(self.queue.unsent) == 1
        room = self.window_end - chunk.start
        segments = min(quota, pacing.burst_limit(self.congestion, self.rtt, self.mss))
        limit = pacing.split_point(chunk, last, room, segments, self.mss, hold)
        if len(chunk.data) > limit:
            self.queue.cut(chunk, limit)

    def _defer(self, now: int, chunk: Chunk, last: bool, room: int, in_flight: int) -> bool:
        if not self.queue.sent or chunk.flags & FIN or self.congestion.phase.value >= 3:
            return False
        if not pacing.may_defer(
            chunk, last, room, self.window, self.congestion, in_flight, self.mss
        ):
            return False
        return not pacing.defer_is_late(now, self.queue.sent[0].sent_at, self._last_sent, self.rtt)

    def _fits(self, chunk: Chunk) -> bool:
        """The peer's window takes its first segment (Linux: tcp_snd_wnd_test)."""
        end = chunk.end if len(chunk.data) <= self.mss else chunk.start + self.mss
        return end <= self.window_end

    def _nagle(self, chunk: Chunk) -> bool:
        """A small last chunk waits for the one before (Linux: tcp_nagle_test)."""
        small = len(chunk.data) < self.mss and not chunk.flags & (FIN | SYN)
        return small and self._holds_small()

    def _holds_small(self) -> bool:
        """A small segment is still under way (Linux: tcp_minshall_check)."""
        return bool(self.queue.sent) and self.queue.una < self._small <= self.queue.next

    def _send_next(self, now: int, chunk: Chunk) -> None:
        """Linux: tcp_transmit_skb, tcp_event_new_data_sent."""
        idle = not self.queue.sent
        self.queue.send()
        chunk.mss = self.mss
        if len(chunk.data) < chunk.segments * chunk.mss:
            self._small = chunk.end
        self._hand_over(now, chunk)
        self.congestion.sent(chunk.segments)
        if idle or self.timers.running(Timer.LOSS_PROBE):
            self.rearm(now)

    def _hand_over(self, now: int, chunk: Chunk) -> None:
        chunk.sent_at = self._last_sent = now
        self._transmit(now, chunk)

    def _note_usage(self) -> None:
        """How much is under way (Linux: tcp_cwnd_validate)."""
        out = self.board.out
        if self.queue.una >= self._busy_until or out > self.busiest:
            self.busiest = out
            self._busy_until = self.queue.next

    # --- what leaves once more

    def repeat(self, now: int, chunk: Chunk, segments: int) -> bool:
        """Send (some of) a chunk again; False where the window forbids (tcp_retransmit_skb)."""
        if chunk.start < self.queue.una:
            chunk.trim(self.queue.una)
        room = self.window_end - chunk.start
        if room <= 0:
            if chunk.start != self.queue.una:
                return False
            room = self.mss
        most = self.mss * segments
        if most > room:
            most = room - room % self.mss or room
        if len(chunk.data) > most:
            self.queue.cut(chunk, most)
        else:
            self._collapse(chunk, min(room, self.mss))
        chunk.mss = self.mss
        chunk.again = chunk.retransmitted = True
        self._hand_over(now, chunk)
        return True

    def _collapse(self, chunk: Chunk, room: int) -> None:
        """Take small chunks that follow along (Linux: tcp_retrans_try_collapse)."""
        if chunk.flags & SYN or len(chunk.data) >= room:
            return
        sent = self.queue.sent
        at = sent.index(chunk) + 1
        while at < len(sent) and not sent[at].sacked and not chunk.flags & FIN:
            follower = sent[at]
            fits = len(chunk.data) + len(follower.data) <= room
            if not fits or follower.end > self.window_end:
                return
            del sent[at]
            chunk.data += follower.data
            chunk.flags |= follower.flags

    def repeat_lost(self, now: int) -> None:
        """As much of what is lost as the congestion window takes (tcp_xmit_retransmit_queue)."""
        rearm = False
        for chunk in list(self.queue.sent):
            room = self.congestion.window - self.board.in_flight
            if room <= 0 or self.board.again >= self.board.lost:
                break
            if not chunk.lost or chunk.sacked or chunk.again or chunk not in self.queue.sent:
                continue
            if not self.repeat(now, chunk, room):
                break
            self.congestion.sent(chunk.segments)
            first = chunk is self.queue.sent[0]
            rearm = rearm or (first and not self.timers.running(Timer.REORDER))
        if rearm:
            self.timers.set(Timer.RETRANSMIT, now, self.rtt.rto)

    # --- the timer

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
