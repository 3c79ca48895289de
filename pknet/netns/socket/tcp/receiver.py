"""The receiving half of a connection (RFC 9293, 3.10.7.4; Linux: tcp_data_queue).

Law: what is in order goes to the user once; what is early waits; whatever is useless is
acknowledged, so that the peer learns where we are.

    acceptable? -> take -> in order | early | seen before -> check: acknowledge now or later
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.netns.socket.tcp.acks import Acks
from pknet.netns.socket.tcp.memory import Memory
from pknet.netns.socket.tcp.receive_queue import ReceiveQueue
from pknet.netns.socket.tcp.rtt import Rtt
from pknet.netns.socket.tcp.segment import Segment
from pknet.netns.socket.tcp.settings import REORDERING, Settings
from pknet.netns.socket.tcp.timers import TICK, Timer, Timers
from pknet.netns.socket.tcp.window import ReceiveWindow
from pknet.sim.clock import MICROSECOND
from pknet.wire.tcp import FIN, PSH

TOGETHER = MICROSECOND  # segments of one packet do not come further apart
_SMALL = 128  # bytes of payload below which a segment in order proves nothing
COMPRESSED_MAX = 44  # acknowledgements of early segments held back (net.ipv4.tcp_comp_sack_nr)
_COMPRESS_DELAY = 1000 * MICROSECOND  # net.ipv4.tcp_comp_sack_delay_ns
_COMPRESS_SHARE = 20  # of the round trip: 5 %


class Receiver:
    """Positions count from the peer's SYN, which is 0. ``send_ack`` sends a bare one."""

    def __init__(
        self, settings: Settings, scale: int, timers: Timers, rtt: Rtt,
        send_ack: Callable[[int], None],
    ) -> None:  # fmt: skip
        self.queue = ReceiveQueue(1)
        self.window = ReceiveWindow(settings, scale)
        self.window.edge = 1
        self.acks = Acks(self.window)
        self.sack = False  # both ends speak it
        self._timers = timers
        self._rtt = rtt
        self._send_ack = send_ack
        self._unfinished: Memory | None = None  # of the last segment, if it had no PSH
        self._last_at = 0
        self._holding = self._held = False
        self._told_at = 0  # the position that the last prompt duplicates told of
        self._told = 0
        self.held_back = 0  # acknowledgements of early segments not sent one by one

    def acceptable(self, start: int, end: int) -> bool:
        """The first check (Linux: tcp_sequence)."""
        limit = self.queue.next + self.window.open_from(self.queue.next)
        if end < self.window.edge or start > limit:
            return False
        return end <= limit or not self.queue.ready

    # --- what comes

    def take(self, now: int, start: int, segment: Segment) -> bool:
        """A segment with data or a FIN; True where the FIN has its turn with it."""
        queue = self.queue
        end = start + segment.length
        limit = queue.next + self.window.open_from(queue.next)
        bare_fin = start == queue.next and not segment.payload
        if end <= queue.next:
            self.repeated(start, end)
        elif start >= limit and not bare_fin:
            self.acks.duplicate()
        elif start > queue.next:
            self._early(now, start, segment.payload, segment.flags)
        else:
            return self._in_order(now, start, segment.payload, segment.flags)
        return False

    def repeated(self, start: int, end: int) -> None:
        """What we have already (Linux: tcp_send_dupack, tcp_dsack_set; RFC 2883)."""
        queue = self.queue
        if start < end and start < queue.next:
            if self.sack:
                queue.duplicate = (start, min(end, queue.next))
            self.acks.duplicate()

    def _in_order(self, now: int, start: int, data: bytes, flags: int) -> bool:
        queue = self.queue
        if start < queue.next:
            if self.sack:
                queue.duplicate = (start, queue.next)
            data = data[queue.next - start :]
        finished = queue.finished
        memory = self._memory(now, queue.next, len(data), flags)
        cost = memory.cost
        queue.append(data, bool(flags & FIN), memory)
        if data:
            self.acks.received(now, memory, flags, self._rtt.rto)
            if len(data) >= _SMALL:
                self._grow(len(data), cost)
        else:
            self.acks.pending = True
        if queue.join():
            self.acks.now = True
        return queue.finished and not finished

    def _memory(self, now: int, start: int, length: int, flags: int) -> Memory:
        """Alone, or cut out of a larger packet: those come together, only the last with PSH."""
        last, self._unfinished = self._unfinished, None
        together = now - self._last_at < TOGETHER
        self._last_at = now
        if last is not None and not together:
            last.prove_alone()
            self.acks.correct(last)
        if flags & PSH:
            return Memory.of(length, alone=last is None or not together)
        memory = Memory.of(length, alone=self.queue.fills(start + length))
        self._unfinished = memory
        return memory

    def _early(self, now: int, start: int, data: bytes, flags: int) -> None:
        """Linux: tcp_data_queue_ofo."""
        self.acks.pending = True
        memory = self._memory(now, start, len(data), flags)
        self.acks.measure(memory, flags)
        used = self.queue.cost
        memory.condense()
        if self.queue.keep(start, data, bool(flags & FIN), memory):
            self._grow(len(data), memory.cost, used)

    def _grow(self, length: int, cost: int, used: int | None = None) -> None:
        """A segment proves that the window may open; ``used`` of the buffer was taken before."""
        if self.window.grow(length, cost, self.queue.cost if used is None else used):
            self.acks.opened()

    # --- what is said of it

    def check(self, now: int) -> None:
        """Acknowledge now, later, or not yet (Linux: __tcp_ack_snd_check)."""
        if not self.acks.pending:
            return
        if self._is_far() or self.acks.quick or self.acks.now:
            if self._holding:
                self._held = True
            else:
                self._send_ack(now)
        elif self.queue.gap:
            self._tell_early(now)
        else:
            self._delay(now)

    def _is_far(self) -> bool:
        """More than a segment is unacknowledged, and the window does not close for it."""
        queue, window = self.queue, self.window
        if queue.next - window.edge <= window.mss:
            return False
        return not queue.ready or window.wanted(queue.cost) >= window.offered

    def _tell_early(self, now: int) -> None:
        """The first few at once, so that the peer knows; then some in one (RFC 2018)."""
        if not self.sack or self.held_back >= COMPRESSED_MAX:
            self._send_ack(now)
            return
        if self._told_at != self.queue.next:
            self._told_at, self._told = self.queue.next, 0
        if self._told < REORDERING:
            self._told += 1
            self._send_ack(now)
            return
        self.held_back += 1
        if not self._timers.running(Timer.COMPRESSED_ACK):
            share = self._rtt.smooth // _COMPRESS_SHARE
            self._timers.set_exact(Timer.COMPRESSED_ACK, now, min(share, _COMPRESS_DELAY))

    def _delay(self, now: int) -> None:
        """Linux: tcp_send_delayed_ack."""
        wait = self.acks.delay(self._rtt.smooth, TICK)
        due = self._timers.when(Timer.DELAYED_ACK)
        if due is not None and due <= now + (wait >> 2):
            self._send_ack(now)
        elif due is None or due > now + wait:
            self._timers.set(Timer.DELAYED_ACK, now, wait)

    def waited(self, now: int) -> None:
        """The delayed acknowledgement's time has come."""
        if self.acks.pending:
            self.acks.waited(self._rtt.rto)
            self._send_ack(now)

    def hold(self) -> None:
        """Segments that waited for a system call come now, one after another."""
        self._holding = True

    def release(self, now: int) -> None:
        """They have come: one acknowledgement for all (net.ipv4.tcp_backlog_ack_defer)."""
        self._holding = False
        if self._held:
            self._send_ack(now)

    def told(self) -> None:
        """An acknowledgement went, alone or with data."""
        self.acks.sent()
        self._held = False
        self.held_back = 0
        self._timers.stop(Timer.DELAYED_ACK, Timer.COMPRESSED_ACK)

    # --- what the user takes

    def read(self, now: int) -> bytes:
        """All that is in order; the window may open again (Linux: tcp_recvmsg)."""
        data = self.queue.take()
        if data:
            self._after_read(now)
        return data

    def _after_read(self, now: int) -> None:
        """Linux: __tcp_cleanup_rbuf."""
        queue, window = self.queue, self.window
        due = self.acks.due_after_read(queue.next - window.edge, emptied=True)
        left = window.open_from(queue.next)
        if not due and not queue.finished and 2 * left <= window.clamp:
            wanted = window.wanted(queue.cost)
            due = wanted > 0 and wanted >= 2 * left
        if due:
            self._send_ack(now)
