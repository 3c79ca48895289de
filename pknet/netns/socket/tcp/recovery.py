"""What acknowledgements make of the chunks under way (Linux: tcp_ack, tcp_fastretrans_alert).

Law: what is lost is sent again, and the window follows; a reduction that proves needless is
taken back.

    OPEN -> DISORDER -> RECOVERY -> OPEN      something arrived out of turn; it was lost
    any  -> LOSS -> OPEN                      the timer ran out
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from pknet.netns.socket.tcp.congestion import Phase
from pknet.netns.socket.tcp.delivery import Delivery, News
from pknet.netns.socket.tcp.early_queue import Block
from pknet.netns.socket.tcp.loss_timers import LossTimers
from pknet.netns.socket.tcp.push import Way
from pknet.netns.socket.tcp.retransmission import Retransmission
from pknet.netns.socket.tcp.sender import Sender
from pknet.netns.socket.tcp.settings import REORDERING, TIMEOUT_MIN, Settings
from pknet.netns.socket.tcp.timers import Timer
from pknet.netns.socket.tcp.window_probe import WindowProbe


class _Next(Enum):
    """What is to be sent on an acknowledgement."""

    NOTHING = auto()
    LOST = auto()  # what is lost, again (Linux: REXMIT_LOST)
    NEW = auto()  # something new, to see whether it arrives (Linux: REXMIT_NEW)


class Recovery:
    """Watches over one sender."""

    def __init__(self, sender: Sender, settings: Settings) -> None:
        self.sender = sender
        self.again = Retransmission(sender)
        self.delivery = Delivery(sender, self.again.undo)
        self.loss_timers = LossTimers(sender, self.again, settings)
        self.window_probe = WindowProbe(sender, settings)
        self.reduction = self.loss_timers.reduction
        self._duplicates = 0  # acknowledgements in a row, where the peer has no SACK

    def acknowledge(self, now: int, position: int, blocks: Sequence[Block], *, pure: bool) -> None:
        """Everything before ``position`` arrived, and ``blocks`` (Linux: tcp_ack).

        ``pure``: no data came with it, and the window it offers is the same.
        """
        sender, timers = self.sender, self.loss_timers
        flew = bool(sender.queue.sent)
        news = self.delivery.take(now, position, blocks, pure=pure)
        if news.advanced:
            timers.retries = 0
        if not flew:
            self.window_probe.answered(now)
            return
        nothing_new = self._doubtful(news) and not news.sacked
        timers.tail_arrived(position, duplicate=news.duplicate, nothing_new=nothing_new)
        following, waits = self._alert(now, news)
        if news.extends and not waits:
            timers.set(now)
        self._adapt(news)
        self._send(now, following)

    def _send(self, now: int, following: _Next) -> None:
        """Linux: tcp_xmit_recovery."""
        sender = self.sender
        if following is _Next.NEW:
            sender.push(now, Way.HURRY)
            if sender.queue.next > sender.congestion.high:
                return
            self.reduction.testing = False
        if following is not _Next.NOTHING:
            self.again.repeat_lost(now)

    # --- phases

    def _alert(self, now: int, news: News) -> tuple[_Next, bool]:
        """What follows; and whether reordering is waited for (Linux: tcp_fastretrans_alert)."""
        congestion, una = self.sender.congestion, self.sender.queue.una
        quiet = congestion.phase is Phase.OPEN and not self._doubtful(news)
        if quiet and not news.sacked and not news.duplicate:
            return _Next.NOTHING, False
        if congestion.reducing and una >= congestion.high:
            self.reduction.end()
        if congestion.phase is Phase.RECOVERY:
            if self.reduction.take_back():
                congestion.phase = Phase.DISORDER
        elif congestion.phase is Phase.LOSS:
            following = self._in_loss(news)
            if congestion.phase is Phase.LOSS:
                return following, self._identify(now, news)
        if congestion.phase <= Phase.DISORDER:
            self.reduction.take_back()
        waits = self._identify(now, news)
        return self._after_losses(), waits

    def _after_losses(self) -> _Next:
        """Linux: tcp_time_to_recover, tcp_try_to_open, tcp_enter_recovery."""
        sender, board = self.sender, self.sender.board
        congestion = sender.congestion
        if congestion.phase is not Phase.RECOVERY:
            if not board.lost:
                if congestion.phase is not Phase.REDUCED:
                    congestion.phase = Phase.DISORDER if board.sacked or board.again else Phase.OPEN
                return _Next.NOTHING
            self.loss_timers.begin_recovery()
        return _Next.LOST

    def _in_loss(self, news: News) -> _Next:
        """After a timeout, which may have come too early (RFC 5682; Linux: tcp_process_loss)."""
        sender, reduction = self.sender, self.reduction
        congestion, queue = sender.congestion, sender.queue
        if news.advanced and self.again.undo.due:
            return self._reopen()
        recovered = queue.una >= congestion.high
        if reduction.testing:
            if news.original:
                return self._reopen()
            if queue.next > congestion.high:
                reduction.testing = not (news.sacked or self._doubtful(news))
            elif news.advanced and not recovered:
                congestion.high = queue.next
                if queue.unsent and sender.window_end > queue.next:
                    return _Next.NEW
                reduction.testing = False
        if recovered:
            self.reduction.take_back()
            congestion.phase = Phase.OPEN
        return _Next.LOST

    def _reopen(self) -> _Next:
        self.reduction.reopen()
        self.loss_timers.retries = 0
        return _Next.NOTHING

    # --- losses

    def _doubtful(self, news: News) -> bool:
        return not news.advanced and news.pure and bool(self.sender.queue.sent)

    def _identify(self, now: int, news: News) -> bool:
        """True where reordering is waited for now (Linux: tcp_identify_packet_loss)."""
        sender = self.sender
        if not sender.queue.sent:
            return False
        if not sender.sack:
            self._count_duplicates(news)
            return False
        wait = sender.board.judge(now, sender.congestion.phase >= Phase.RECOVERY)
        if wait:
            sender.timers.set(Timer.REORDER, now, wait + TIMEOUT_MIN)
        return bool(wait)

    def _count_duplicates(self, news: News) -> None:
        """Without SACK the third duplicate tells of a loss (RFC 5681, 3.2; RFC 6582)."""
        congestion, sent = self.sender.congestion, self.sender.queue.sent
        self._duplicates = self._duplicates + 1 if self._doubtful(news) else 0
        partial = news.advanced and congestion.phase is Phase.RECOVERY
        if (self._duplicates == REORDERING or partial) and not sent[0].lost:
            self.sender.board.lose(sent[0])

    def _adapt(self, news: News) -> None:
        """Linux: tcp_cong_control."""
        sender, congestion = self.sender, self.sender.congestion
        if congestion.reducing:
            newly_lost = sender.board.lost > news.lost_before
            congestion.spread(sender.board.in_flight, news.delivered, news.advanced, newly_lost)
        elif news.advanced and news.delivered and sender.usage.grows:
            congestion.grow(news.delivered)

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
            self.again.undo.done()
        self.again.repeat_lost(now)
