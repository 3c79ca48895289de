"""What acknowledgements make of the chunks under way (Linux: tcp_ack, tcp_fastretrans_alert).

Law: what arrived is let go and measured, what is lost is sent again, and the window follows.

    OPEN -> DISORDER -> RECOVERY -> OPEN      something arrived out of turn; it was lost
    any  -> LOSS -> OPEN                      the timer ran out
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pknet.netns.socket.tcp.congestion import Phase
from pknet.netns.socket.tcp.loss_timers import LossTimers
from pknet.netns.socket.tcp.receive_queue import Block
from pknet.netns.socket.tcp.send_queue import Chunk
from pknet.netns.socket.tcp.sender import Sender
from pknet.netns.socket.tcp.settings import REORDERING, TIMEOUT_MIN, Settings
from pknet.netns.socket.tcp.timers import Timer
from pknet.netns.socket.tcp.window_probe import WindowProbe


@dataclass(slots=True)
class _Ack:
    """What one acknowledgement brought."""

    advanced: bool
    pure: bool  # it had no data, and did not move the window
    sacked: int = 0  # segments newly selectively acknowledged
    delivered: int = 0  # segments that arrived, in sum
    duplicate: bool = False  # the peer got something twice (RFC 2883)
    lost_before: int = 0
    set_timer: bool = False
    repeat: bool = False


class Recovery:
    """Watches over one sender."""

    def __init__(self, sender: Sender, settings: Settings) -> None:
        self.sender = sender
        self.loss_timers = LossTimers(sender, settings)
        self.window_probe = WindowProbe(sender, settings)
        self._duplicates = 0  # acknowledgements in a row, where the peer has no SACK

    # --- acknowledgements

    def acknowledge(
        self, now: int, position: int, blocks: Sequence[Block], *, pure: bool
    ) -> list[Chunk]:
        """Everything before ``position`` arrived, and ``blocks``; the chunks that are whole now.

        ``pure``: no data came with it, and the window it offers is the same.
        """
        sender, queue, board = self.sender, self.sender.queue, self.sender.board
        ack = _Ack(advanced=position > queue.una, pure=pure, lost_before=board.lost)
        flew = bool(queue.sent)
        if ack.advanced:
            self.loss_timers.retries = 0
        blocks = self._without_duplicate(ack, blocks, position)
        ack.sacked = board.tag(now, blocks) if flew else 0
        sampled = board.sample
        gone = self._clean(now, ack, position, sampled) if position >= queue.una else []
        if not flew:
            self.window_probe.answered(now)
            return gone
        self.loss_timers.tail_arrived(
            position, duplicate=ack.duplicate, nothing_new=self._doubtful(ack) and not ack.sacked
        )
        self._alert(now, ack)
        if ack.set_timer:
            self.loss_timers.set(now)
        self._adapt(ack)
        if ack.repeat:
            sender.repeat_lost(now)
        return gone

    def _without_duplicate(
        self, ack: _Ack, blocks: Sequence[Block], position: int
    ) -> Sequence[Block]:
        """Take off the block that tells of a duplicate (RFC 2883; Linux: tcp_check_dsack)."""
        if not blocks:
            return blocks
        start, end = blocks[0]
        inside = len(blocks) > 1 and blocks[1][0] <= start and end <= blocks[1][1]
        if start < position or inside:
            ack.duplicate = True
            return blocks[1:]
        return blocks

    def _clean(self, now: int, ack: _Ack, position: int, sampled: int | None) -> list[Chunk]:
        """Let go of what arrived, and measure the round trip (Linux: tcp_clean_rtx_queue)."""
        sender, board = self.sender, self.sender.board
        gone = sender.queue.acknowledge(position)
        fresh = [chunk for chunk in gone if not chunk.sacked]
        ack.delivered = ack.sacked + board.count(fresh) + self._trim(position)
        for chunk in fresh:
            board.arrived(now, chunk)
        once = [chunk for chunk in fresh if not chunk.retransmitted]
        if once and not any(chunk.retransmitted for chunk in gone):
            sampled = now - once[0].sent_at  # Karn: else which of two arrived is unknown
        if sampled is not None:
            sender.rtt.sample(sampled, sender.queue.una, sender.queue.next)
        ack.set_timer = ack.advanced or ack.sacked > 0
        return gone

    def _trim(self, position: int) -> int:
        """Of a chunk that arrived in part, whole segments go (Linux: tcp_tso_acked)."""
        sent = self.sender.queue.sent
        if not sent or position - sent[0].start < sent[0].mss:
            return 0
        before = sent[0].segments
        sent[0].trim(position)
        return before - sent[0].segments

    def _alert(self, now: int, ack: _Ack) -> None:
        """Which phase follows (Linux: tcp_fastretrans_alert)."""
        congestion, board = self.sender.congestion, self.sender.board
        if not (ack.sacked or congestion.phase is not Phase.OPEN or self._doubtful(ack)):
            return
        if congestion.phase > Phase.DISORDER and self.sender.queue.una >= congestion.high:
            congestion.leave()
        self._identify(now, ack)
        if congestion.phase < Phase.RECOVERY:
            if not board.lost:
                if congestion.phase is not Phase.REDUCED:
                    congestion.phase = Phase.DISORDER if board.sacked or board.again else Phase.OPEN
                return
            congestion.enter(Phase.RECOVERY, self.sender.queue.next)
        ack.repeat = True

    def _doubtful(self, ack: _Ack) -> bool:
        return not ack.advanced and ack.pure and bool(self.sender.queue.sent)

    def _identify(self, now: int, ack: _Ack) -> None:
        """Linux: tcp_identify_packet_loss."""
        sender = self.sender
        if not sender.queue.sent:
            return
        if not sender.sack:
            self._count_duplicates(ack)
            return
        wait = sender.board.judge(now, sender.congestion.phase >= Phase.RECOVERY)
        if wait:
            sender.timers.set(Timer.REORDER, now, wait + TIMEOUT_MIN)
            ack.set_timer = False

    def _count_duplicates(self, ack: _Ack) -> None:
        """Without SACK the third duplicate tells of a loss (RFC 5681, 3.2; RFC 6582)."""
        congestion, sent = self.sender.congestion, self.sender.queue.sent
        self._duplicates = self._duplicates + 1 if self._doubtful(ack) else 0
        partial = ack.advanced and congestion.phase is Phase.RECOVERY
        if (self._duplicates == REORDERING or partial) and not sent[0].lost:
            self.sender.board.lose(sent[0])

    def _adapt(self, ack: _Ack) -> None:
        """Linux: tcp_cong_control."""
        sender, congestion = self.sender, self.sender.congestion
        if congestion.reducing:
            newly_lost = sender.board.lost > ack.lost_before
            congestion.spread(sender.board.in_flight, ack.delivered, ack.advanced, newly_lost)
        elif ack.advanced and ack.delivered:
            congestion.grow(ack.delivered, sender.busiest)

    def too_large(self, now: int) -> None:
        """Segments of the old size do not get through (Linux: tcp_simple_retransmit)."""
        sender, congestion = self.sender, self.sender.congestion
        large = [c for c in sender.queue.sent if min(len(c.data), c.mss) > sender.mss]
        for chunk in large:
            if not chunk.sacked and not chunk.lost:
                sender.board.lose(chunk)
        if not large:
            return
        if congestion.phase is not Phase.LOSS:
            congestion.enter(Phase.LOSS, sender.queue.next)
        sender.repeat_lost(now)
