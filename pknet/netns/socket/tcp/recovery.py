"""What acknowledgements and timers make of the chunks under way (Linux: tcp_ack, tcp_timer.c).

Law: every way out of a loss is here: selective acknowledgements (RFC 6675, RFC 8985), the probe
of a lost tail (RFC 8985, section 7), the timer (RFC 6298), and the closed window's probe.

    OPEN -> DISORDER -> RECOVERY -> OPEN      something arrived out of turn; it was lost
    any  -> LOSS -> OPEN                      the timer ran out
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pknet.netns.socket.tcp.congestion import Phase
from pknet.netns.socket.tcp.receive_queue import Block
from pknet.netns.socket.tcp.send_queue import Chunk
from pknet.netns.socket.tcp.sender import Sender
from pknet.netns.socket.tcp.settings import (
    LINEAR_SYNS,
    ORPHAN_RETRIES,
    REORDERING,
    RTO_INITIAL,
    RTO_MAX,
    RTO_MIN,
    TIMEOUT_MIN,
    Settings,
)
from pknet.netns.socket.tcp.timers import TICK, TRANSMISSION, Timer, ticks
from pknet.sim.clock import MICROSECOND
from pknet.wire.tcp import SYN


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
        self.settings = settings
        self._tail_probe = 0  # the position that ends the episode of a loss probe; 0: none
        self._tail_repeated = False  # and that probe was a retransmission
        self.retries = 0  # times the timer ran out without an answer
        self._since = 0  # when the timer ran out first
        self._probes = 0  # of a closed window, doubling each pause
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
            self.retries = 0
        blocks = self._without_duplicate(ack, blocks, position)
        ack.sacked = board.tag(now, blocks) if flew else 0
        sampled = board.sample
        gone = self._clean(now, ack, position, sampled) if position >= queue.una else []
        if not flew:
            self.check_closed_window(now)
            return gone
        self._tail_arrived(ack, position)
        self._alert(now, ack)
        if ack.set_timer:
            self._set_timer(now)
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

    def _tail_arrived(self, ack: _Ack, position: int) -> None:
        """The end of a loss probe's episode (Linux: tcp_process_tlp_ack)."""
        if not self._tail_probe or position < self._tail_probe:
            return
        congestion = self.sender.congestion
        if not self._tail_repeated or ack.duplicate:
            self._tail_probe = 0
        elif position > self._tail_probe:
            self._tail_probe = 0
            congestion.enter(Phase.REDUCED, self.sender.queue.next)
            congestion.leave()
        elif not ack.advanced and ack.pure and not ack.sacked:
            self._tail_probe = 0

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

    # --- timers

    def _set_timer(self, now: int) -> None:
        """Linux: tcp_set_xmit_timer."""
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

    def probe_tail(self, now: int) -> None:
        """The loss probe's time has come (Linux: tcp_send_loss_probe)."""
        sender = self.sender
        if not sender.queue.sent:
            return
        if self._tail_probe or not self._send_probe(now):
            sender.timers.set(Timer.RETRANSMIT, now, max(sender.oldest_due - now, 1))
        else:
            self._tail_probe = sender.queue.next
            sender.timers.set(Timer.RETRANSMIT, now, sender.rtt.rto)

    def _send_probe(self, now: int) -> bool:
        self._tail_repeated = not self.sender.probe(now)
        return not self._tail_repeated or self._repeat_tail(now)

    def _repeat_tail(self, now: int) -> bool:
        sender = self.sender
        tail = sender.queue.sent[-1]
        if tail.segments > 1:
            sender.queue.cut(tail, (tail.segments - 1) * tail.mss)
            tail = sender.queue.sent[-1]
        return sender.repeat(now, tail, 1)

    def reorder_over(self, now: int) -> None:
        """What was late is lost (Linux: tcp_rack_reo_timeout)."""
        sender, congestion = self.sender, self.sender.congestion
        before = sender.board.in_flight
        sender.board.judge_late(now, congestion.phase >= Phase.RECOVERY)
        if sender.board.in_flight != before:
            if congestion.phase < Phase.RECOVERY:
                congestion.enter(Phase.RECOVERY, sender.queue.next)
                congestion.spread(sender.board.in_flight, 1, False, False)
            sender.repeat_lost(now)
        if not sender.timers.running(Timer.RETRANSMIT):
            sender.rearm(now)

    def timed_out(self, now: int, *, orphan: bool) -> bool:
        """The retransmission timer; False: it has tried long enough (tcp_retransmit_timer)."""
        sender = self.sender
        if not sender.queue.sent:
            return True
        opening = bool(sender.queue.sent[0].flags & SYN)
        if self._exhausted(now, opening, orphan):
            return False
        if not self.retries:
            self._since = sender.queue.sent[0].sent_at if opening else now
        if not opening:
            sender.board.lose_all(now)
            sender.congestion.enter_loss(sender.queue.next, sender.board.in_flight)
        sender.repeat(now, sender.queue.sent[0], 1)
        self.retries += 1
        if not opening or self.retries > LINEAR_SYNS:
            sender.rtt.backoff += 1
        sender.timers.set(Timer.RETRANSMIT, now, sender.rtt.rto)
        return True

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

    def revert(self, now: int, position: int) -> bool:
        """The way broke off where ``position`` went: the last doubling says nothing (RFC 6069).

        True where the timer has run out by that (Linux: tcp_ld_RTO_revert).
        """
        sender = self.sender
        if position != sender.queue.una or not (self.retries and sender.rtt.backoff):
            return False
        sender.rtt.backoff -= 1
        left = sender.oldest_due - now
        if left > 0:
            sender.timers.set(Timer.RETRANSMIT, now, left)
        return left <= 0

    def _exhausted(self, now: int, opening: bool, orphan: bool) -> bool:
        """Linux: tcp_write_timeout, retransmits_timed_out."""
        if not self.retries:
            return False
        if opening:
            limit = self.settings.syn_retries
            late = now - self._since >= patience(limit, RTO_INITIAL)
            return late or self.retries >= limit + LINEAR_SYNS
        limit = ORPHAN_RETRIES if orphan else self.settings.retries2
        return now - self._since >= patience(limit, RTO_MIN)

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

    # --- a closed window

    def check_closed_window(self, now: int) -> None:
        """Nothing is under way: whether the window lets what waits go (Linux: tcp_ack_probe)."""
        sender = self.sender
        if sender.queue.sent or not sender.queue.unsent:
            return
        if sender.queue.unsent[0].end <= sender.window_end:
            self._probes = 0
            sender.timers.stop(Timer.WINDOW_PROBE)
        else:
            sender.timers.set(Timer.WINDOW_PROBE, now, self._probe_pause())

    def wait_for_window(self, now: int) -> None:
        """Something could not be sent, and nothing is under way (tcp_check_probe_timer)."""
        sender = self.sender
        idle = not sender.queue.sent and not sender.timers.running(*TRANSMISSION)
        if idle and sender.queue.unsent:
            sender.timers.set(Timer.WINDOW_PROBE, now, max(sender.rtt.rto, RTO_MIN))

    def probe_window(self, now: int) -> bool:
        """Ask whether it is still closed; True: by a segment without data (tcp_send_probe0)."""
        sender = self.sender
        if sender.queue.sent or not sender.queue.unsent:
            self._probes = 0
            return False
        bare = not sender.force(now)
        if bare:
            self._probes = min(self._probes + 1, self.settings.retries2)
            sender.timers.set(Timer.WINDOW_PROBE, now, self._probe_pause())
        return bare

    def _probe_pause(self) -> int:
        return min(max(self.sender.rtt.rto, RTO_MIN) << self._probes, RTO_MAX)


def patience(retries: int, first: int) -> int:
    """How long ``retries`` timeouts take, the first of ``first`` (Linux: tcp_model_timeout)."""
    doubling = (RTO_MAX // first).bit_length() - 1
    total = ((2 << min(retries, doubling)) - 1) * first
    return total + max(retries - doubling, 0) * RTO_MAX
