"""What one acknowledgement brought (Linux: tcp_ack, as far as it looks and counts).

Law: what arrived is let go and measured, once. What follows from it is recovery's to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pknet.netns.socket.tcp.early_queue import Block
from pknet.netns.socket.tcp.send_queue import Chunk
from pknet.netns.socket.tcp.sender import Sender
from pknet.netns.socket.tcp.undo import Undo


@dataclass(slots=True)
class News:
    """``pure``: no data came with it, and the window it offers is the same."""

    advanced: bool
    pure: bool
    sacked: int = 0  # segments newly selectively acknowledged
    delivered: int = 0  # segments that arrived, in sum
    duplicate: bool = False  # the peer got something twice (RFC 2883)
    original: bool = False  # something arrived that was sent once only, before a timeout
    lost_before: int = 0
    #: What is still under way has its time anew (Linux: FLAG_SET_XMIT_TIMER).
    extends: bool = False


class Delivery:
    """Reads acknowledgements for one sender."""

    def __init__(self, sender: Sender, undo: Undo) -> None:
        self.sender = sender
        self.undo = undo

    def take(self, now: int, position: int, blocks: Sequence[Block], *, pure: bool) -> News:
        """Everything before ``position`` arrived, and ``blocks``."""
        sender, board = self.sender, self.sender.board
        queue = sender.queue
        news = News(position > queue.una, pure, lost_before=board.lost)
        blocks = self._without_duplicate(news, blocks, position)
        if queue.sent:
            news.sacked = board.tag(now, blocks)
            once = board.sample is not None
            news.original = once and board.original_end <= sender.congestion.high
        if position >= queue.una:
            self._clean(now, news, position)
        return news

    def _without_duplicate(
        self, news: News, blocks: Sequence[Block], position: int
    ) -> Sequence[Block]:
        """Take off the block that tells of a duplicate (RFC 2883; Linux: tcp_check_dsack)."""
        if not blocks:
            return blocks
        start, end = blocks[0]
        inside = len(blocks) > 1 and blocks[1][0] <= start and end <= blocks[1][1]
        if start >= position and not inside:
            return blocks
        news.duplicate = True
        self._count_twice(start, end)
        return blocks[1:]

    def _count_twice(self, start: int, end: int) -> None:
        sender = self.sender
        if end <= sender.queue.una:
            self.undo.twice(end, -(-(end - start) // sender.mss))
            return
        for chunk in sender.queue.sent:
            if chunk.retransmitted and start <= chunk.start and chunk.end <= end:
                self.undo.twice(chunk.end, chunk.segments)

    def _clean(self, now: int, news: News, position: int) -> None:
        """Let go of what arrived, and measure the round trip (Linux: tcp_clean_rtx_queue)."""
        sender, board = self.sender, self.sender.board
        sampled = board.sample if news.sacked else None
        gone = sender.queue.acknowledge(position)
        fresh = [chunk for chunk in gone if not chunk.sacked]
        news.delivered = news.sacked + board.count(fresh) + self._trim(position)
        for chunk in fresh:
            board.arrived(now, chunk)
        once = [chunk for chunk in fresh if not chunk.retransmitted]
        news.original |= any(chunk.end <= sender.congestion.high for chunk in once)
        if once and not any(chunk.retransmitted for chunk in gone):
            sampled = now - once[0].sent_at  # Karn: else which of two arrived is unknown
        news.extends = news.advanced or self._older(now, sampled)
        if sampled is not None:
            sender.rtt.sample(sampled, sender.queue.una, sender.queue.next)

    def _older(self, now: int, sampled: int | None) -> bool:
        """What arrived out of turn was sent before the oldest chunk was, perhaps again.

        Else a loss would be waited for as long as anything after it arrives.
        """
        sent = self.sender.queue.sent
        return bool(sent) and sampled is not None and sampled > now - sent[0].sent_at

    def _trim(self, position: int) -> int:
        """Of a chunk that arrived in part, whole segments go (Linux: tcp_tso_acked)."""
        sent: list[Chunk] = self.sender.queue.sent
        if not sent or position - sent[0].start < sent[0].mss:
            return 0
        before = sent[0].segments
        sent[0].trim(position)
        return before - sent[0].segments
