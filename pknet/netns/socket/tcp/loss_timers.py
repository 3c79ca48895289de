"""What timers make of the chunks under way (Linux: tcp_timer.c, tcp_send_loss_probe).

Law: one of these runs while anything is under way, so that no loss is waited for in vain.

    LOSS_PROBE    the last chunk may be lost, and nothing follows it: send something (RFC 8985, 7)
    REORDER       what may have been only late is lost now (RFC 8985, 6.2)
    RETRANSMIT    nothing came for too long: take all for lost (RFC 6298)
"""

from __future__ import annotations

from pknet.netns.socket.tcp.congestion import Phase
from pknet.netns.socket.tcp.push import Way
from pknet.netns.socket.tcp.reduction import Reduction
from pknet.netns.socket.tcp.retransmission import Retransmission
from pknet.netns.socket.tcp.sender import Sender
from pknet.netns.socket.tcp.settings import (
    LINEAR_SYNS,
    ORPHAN_RETRIES,
    RTO_INITIAL,
    RTO_MIN,
    TIMEOUT_MIN,
    Settings,
)
from pknet.netns.socket.tcp.timers import TICK, Timer, patience, ticks
from pknet.sim.clock import MICROSECOND
from pknet.wire.tcp import SYN


class LossTimers:
    """Of one sender. ``retries``: how often the timer ran out without an answer."""

    def __init__(self, sender: Sender, again: Retransmission, settings: Settings) -> None:
        self.sender = sender
        self.again = again
        self.reduction = Reduction(sender, again.undo)
        self.settings = settings
        self.retries = 0
        self._since = 0  # when the timer ran out first
        self._tail_probe = 0  # the position that ends the episode of a loss probe; 0: none
        self._tail_repeated = False  # and that probe was a retransmission

    # --- set

    def set(self, now: int) -> None:
        """Something arrived: what is still under way has its time anew (tcp_set_xmit_timer)."""
        if not self.schedule_probe(now, advancing=True):
            self.sender.rearm(now)

    def schedule_probe(self, now: int, *, advancing: bool = False) -> bool:
        """Wait a shorter time for the tail (Linux: tcp_schedule_loss_probe)."""
        sender = self.sender
        calm = sender.congestion.phase in (Phase.OPEN, Phase.REDUCED)
        if not sender.queue.sent or not sender.sack or not calm:
            return False
        if not sender.rtt.srtt:
            wait = RTO_INITIAL
        else:
            wait = (sender.rtt.srtt >> 2) * MICROSECOND
            wait += RTO_MIN if sender.board.out == 1 else TIMEOUT_MIN
        rest = sender.rtt.rto if advancing else sender.oldest_due - now
        if rest > 0:
            wait = min(wait, rest)
        sender.timers.set(Timer.LOSS_PROBE, now, wait)
        return True

    # --- a lost tail

    def probe_tail(self, now: int) -> None:
        """The loss probe's time has come (Linux: tcp_send_loss_probe)."""
        sender = self.sender
        if not sender.queue.sent:
            return
        if self._tail_probe or not self._send_probe(now):
            self.wait_for_oldest(now)
        else:
            self._tail_probe = sender.queue.next
            sender.timers.set(Timer.RETRANSMIT, now, sender.rtt.rto)

    def probe_failed(self, now: int) -> None:
        """Our own node did not let the probe go."""
        self._tail_probe = 0
        self.wait_for_oldest(now)

    def wait_for_oldest(self, now: int) -> None:
        """The timeout, as of when the oldest chunk was sent."""
        sender = self.sender
        sender.timers.set(Timer.RETRANSMIT, now, max(sender.oldest_due - now, 1))

    def _send_probe(self, now: int) -> bool:
        self._tail_repeated = not self.sender.push(now, Way.PROBE)
        return not self._tail_repeated or self._repeat_tail(now)

    def _repeat_tail(self, now: int) -> bool:
        sender = self.sender
        tail = sender.queue.sent[-1]
        if tail.segments > 1:
            sender.queue.cut(tail, (tail.segments - 1) * tail.mss)
            tail = sender.queue.sent[-1]
        tail.push = sender.last_push
        return self.again.probe(now, tail, 1)

    def tail_arrived(self, position: int, *, duplicate: bool, nothing_new: bool) -> None:
        """The end of a probe's episode (Linux: tcp_process_tlp_ack).

        ``duplicate``: the peer says that it had the probe already; ``nothing_new``: the
        acknowledgement says nothing at all.
        """
        if not self._tail_probe or position < self._tail_probe:
            return
        congestion = self.sender.congestion
        if not self._tail_repeated or duplicate:
            self._tail_probe = 0
        elif position > self._tail_probe:
            self._tail_probe = 0
            congestion.enter(Phase.REDUCED, self.sender.queue.next)
            congestion.leave()
        elif nothing_new:
            self._tail_probe = 0

    # --- reordering

    def reorder_over(self, now: int) -> None:
        """What was late is lost (Linux: tcp_rack_reo_timeout)."""
        sender, congestion = self.sender, self.sender.congestion
        before = sender.board.in_flight
        sender.board.judge_late(now, congestion.phase >= Phase.RECOVERY)
        if sender.board.in_flight != before:
            if congestion.phase < Phase.RECOVERY:
                self.begin_recovery()
                congestion.spread(sender.board.in_flight, 1, False, False)
            self.again.repeat_lost(now)
        if not sender.timers.running(Timer.RETRANSMIT):
            sender.rearm(now)

    # --- the timeout

    def timed_out(self, now: int, *, orphan: bool) -> bool:
        """The retransmission timer; False: it has tried long enough (tcp_retransmit_timer)."""
        sender = self.sender
        if not sender.queue.sent:
            return True
        first = sender.queue.sent[0]
        opening = bool(first.flags & SYN)
        if self.retries and (self._unheard(now) if opening else self._exhausted(now, orphan)):
            return False
        if not self.retries:
            self._since = first.sent_at if opening else now
        if not opening:
            self.reduction.enter_loss(now, self._probes, again=self.retries > 0)
            self._tail_probe = 0
        self.again.repeat(now, first, 1)
        self.retries += 1
        if not opening or self.retries > LINEAR_SYNS:
            sender.rtt.backoff += 1
        sender.timers.set(Timer.RETRANSMIT, now, sender.rtt.rto)
        first.timers = sender.timers.transmission
        return True

    @property
    def _probes(self) -> int:
        """Probes under way that were retransmissions."""
        return bool(self._tail_probe) and self._tail_repeated

    def begin_recovery(self) -> None:
        """Something was lost, and is to be sent again."""
        self.reduction.begin_recovery(self._probes)

    def take_back(self, now: int, position: int) -> bool:
        """A router had no way for the segment at ``position``: the path is broken, not full.

        One doubling is taken back (RFC 6069; Linux: tcp_ld_RTO_revert). True: and so the timer
        has run out already.
        """
        sender = self.sender
        if position != sender.queue.una or not sender.queue.sent:
            return False
        if not self.retries or not sender.rtt.backoff:
            return False
        sender.rtt.backoff -= 1
        waited = now - sender.queue.sent[0].sent_at
        left = ticks(sender.rtt.rto) - ticks(waited)
        if left > 0:
            sender.timers.set(Timer.RETRANSMIT, now, left * TICK)
        return left <= 0

    def _unheard(self, now: int) -> bool:
        """Enough SYNs were sent (Linux: tcp_write_timeout in TCP_SYN_SENT)."""
        limit = self.settings.syn_retries
        late = now - self._since >= patience(limit, RTO_INITIAL)
        return late or self.retries >= limit + LINEAR_SYNS

    def _exhausted(self, now: int, orphan: bool) -> bool:
        """Linux: tcp_write_timeout, retransmits_timed_out."""
        limit = ORPHAN_RETRIES if orphan else self.settings.retries2
        return now - self._since >= patience(limit, RTO_MIN)
