"""What of the chunks under way arrived, and what is lost (RFC 6675; RFC 8985, RACK).

Law: a chunk is lost when one that was sent after it arrived, and the time by which they may
have changed places is over. Counting duplicate acknowledgements decides only how long that is.
"""

from __future__ import annotations

from collections.abc import Sequence

from pknet.netns.socket.tcp.early_queue import Block
from pknet.netns.socket.tcp.rtt import Rtt
from pknet.netns.socket.tcp.send_queue import Chunk, SendQueue
from pknet.netns.socket.tcp.settings import REORDERING


class Scoreboard:
    """Judges the chunks of one queue."""

    def __init__(self, queue: SendQueue, rtt: Rtt) -> None:
        self.queue = queue
        self.rtt = rtt
        self.reordered = False  # segments have changed places on this path
        # Of what was just selectively acknowledged, and sent once only:
        self.sample: int | None = None  # the round trip
        self.original_end = 0  # the lowest end
        self._advanced = False
        self._latest = (-1, 0, 0)  # when the newest chunk that arrived was sent
        self._latest_rtt = 0

    # --- counting

    def count(self, chunks: Sequence[Chunk]) -> int:
        """In segments."""
        return sum(chunk.segments for chunk in chunks)

    @property
    def out(self) -> int:
        """Segments sent and not acknowledged (Linux: packets_out)."""
        return self.count(self.queue.sent)

    @property
    def sacked(self) -> int:
        """Of these, selectively acknowledged."""
        return self.count([chunk for chunk in self.queue.sent if chunk.sacked])

    @property
    def lost(self) -> int:
        """Of these, taken for lost."""
        return self.count([chunk for chunk in self.queue.sent if chunk.lost])

    @property
    def again(self) -> int:
        """Retransmissions under way."""
        return self.count([chunk for chunk in self.queue.sent if chunk.again])

    @property
    def in_flight(self) -> int:
        """Segments that are somewhere on the way (Linux: tcp_packets_in_flight)."""
        total = 0
        for chunk in self.queue.sent:
            left = not (chunk.sacked or chunk.lost)
            total += (left + chunk.again) * chunk.segments
        return total

    # --- what arrives

    def tag(self, now: int, blocks: Sequence[Block]) -> int:
        """Mark what ``blocks`` say; how many segments are new (Linux: tcp_sacktag_write_queue)."""
        self.sample = None
        fresh = 0
        highest = max((chunk.end for chunk in self.queue.sent if chunk.sacked), default=0)
        for start, end in blocks:
            for chunk in list(self.queue.sent):
                if chunk.start < end and start < chunk.end:
                    fresh += self._tag(now, chunk, start, end, highest)
        return fresh

    def _tag(self, now: int, chunk: Chunk, start: int, end: int, highest: int) -> int:
        if chunk.start < start:
            chunk = self._cut(chunk, start - chunk.start + chunk.mss - 1) or chunk
        if chunk.start < start or chunk.sacked:
            return 0
        if chunk.end > end and self._cut(chunk, end - chunk.start) is None:
            return 0
        if not chunk.retransmitted:
            if self.sample is None:
                self.sample, self.original_end = now - chunk.sent_at, chunk.end
            self.original_end = min(self.original_end, chunk.end)
            self.reordered |= chunk.end <= highest
        self.arrived(now, chunk)
        chunk.sacked = True
        chunk.lost = chunk.again = False
        return chunk.segments

    def _cut(self, chunk: Chunk, room: int) -> Chunk | None:
        """Cut after the whole segments in ``room`` bytes; the later part.

        Linux: tcp_match_skb_to_sack.
        """
        length = room // chunk.mss * chunk.mss
        if not 0 < length < len(chunk.data):
            return None
        self.queue.cut(chunk, length)
        return self.queue.sent[self.queue.sent.index(chunk) + 1]

    def arrived(self, now: int, chunk: Chunk) -> None:
        """``chunk`` did, for the first time (Linux: tcp_rack_advance)."""
        trip = now - chunk.sent_at
        least = self.rtt.least
        if chunk.retransmitted and least is not None and trip < least:
            return  # it was the original that arrived
        self._advanced = True
        self._latest_rtt = trip
        self._latest = max(self._latest, _when(chunk))

    # --- what does not

    def judge(self, now: int, recovering: bool) -> int:
        """Mark what is lost by now; how long to wait for the rest, 0: for nothing.

        Linux: tcp_rack_mark_lost, tcp_rack_detect_loss.
        """
        if not self._advanced:
            return 0
        self._advanced = False
        return self.judge_late(now, recovering)

    def judge_late(self, now: int, recovering: bool) -> int:
        """The same, when the wait is over (Linux: tcp_rack_reo_timeout)."""
        patience = self._latest_rtt + self._reordering(recovering)
        longest = 0
        for chunk in self.queue.sent:
            if chunk.sacked or (chunk.lost and not chunk.again):
                continue
            if _when(chunk) >= self._latest:
                continue
            left = patience - (now - chunk.sent_at)
            if left <= 0:
                self.lose(chunk)
            else:
                longest = max(longest, left)
        return longest

    def _reordering(self, recovering: bool) -> int:
        """How long segments may have changed places (Linux: tcp_rack_reo_wnd)."""
        if not self.reordered and (recovering or self.sacked >= REORDERING):
            return 0
        return min((self.rtt.least or 0) >> 2, self.rtt.smooth)

    def lose(self, chunk: Chunk) -> None:
        """Take it for lost (Linux: tcp_mark_skb_lost)."""
        chunk.lost = True
        chunk.again = False

    def lose_all(self, now: int) -> None:
        """The timer ran out: all but what was sent just now (Linux: tcp_timeout_mark_lost)."""
        first = self.queue.sent[0]
        reneged = first.sacked  # the peer takes back what it had (RFC 2018, section 8)
        for chunk in self.queue.sent:
            if reneged:
                chunk.sacked = False
            recent = chunk is not first and now - chunk.sent_at < self._latest_rtt
            if not chunk.sacked and (reneged or not recent):
                self.lose(chunk)


def _when(chunk: Chunk) -> tuple[int, int, int]:
    """It was sent; what was sent before compares less (Linux: tcp_skb_sent_after)."""
    return chunk.sent_at, chunk.turn, chunk.end
