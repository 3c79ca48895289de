"""The receiving half of a connection (RFC 9293, 3.10.7.4; Linux: tcp_data_queue).

Law: what is in order goes to the user once; what is early waits; whatever is useless is
acknowledged, so that the peer learns where we are.

    acceptable? -> take -> in order | early | seen before -> settle -> schedule.check
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.netns.socket.tcp.ack_schedule import AckSchedule
from pknet.netns.socket.tcp.acks import Acks
from pknet.netns.socket.tcp.early_queue import Early, Keeping
from pknet.netns.socket.tcp.fate import Fate
from pknet.netns.socket.tcp.memory import Memory
from pknet.netns.socket.tcp.receive_queue import ReceiveQueue
from pknet.netns.socket.tcp.right_sizing import RightSizing
from pknet.netns.socket.tcp.rtt import Rtt
from pknet.netns.socket.tcp.segment import Segment
from pknet.netns.socket.tcp.settings import Settings
from pknet.netns.socket.tcp.timers import Timers
from pknet.netns.socket.tcp.window import ReceiveWindow
from pknet.wire.tcp import FIN

_SMALL = 128  # bytes of payload below which a segment in order proves nothing


class Receiver:
    """Positions count from the peer's SYN, which is 0. ``send_ack`` sends a bare one."""

    def __init__(
        self, settings: Settings, scale: int, timers: Timers, rtt: Rtt,
        send_ack: Callable[[int], None],
    ) -> None:  # fmt: skip
        self.queue = ReceiveQueue(1)
        self.window = ReceiveWindow(settings, scale)
        self.window.edge = 1
        self.sizing = RightSizing(self.window)
        self.acks = Acks(self.window)
        self.schedule = AckSchedule(
            self.queue, self.window, self.acks, self.sizing, timers, rtt, send_ack
        )
        self._rtt = rtt

    def misplaced(self, start: int, end: int) -> Fate | None:
        """The first check; None where it may be taken (Linux: tcp_sequence)."""
        limit = self._limit
        if end < self.window.edge:
            return Fate.OLD_SEQUENCE
        if start > limit:
            return Fate.INVALID_SEQUENCE
        return Fate.INVALID_END_SEQUENCE if end > limit and self.queue.ready else None

    @property
    def _limit(self) -> int:
        """Where the window ends."""
        return self.queue.next + self.window.open_from(self.queue.next)

    # --- what comes

    def take(self, now: int, start: int, segment: Segment) -> Fate:
        """A segment with data or a FIN."""
        queue = self.queue
        end = start + segment.length
        bare_fin = start == queue.next and not segment.payload
        if end <= queue.next:
            self.repeated(start, end)
            return Fate.OLD_DATA
        if start < queue.next:
            self._had(start, queue.next)
        if self._limit <= max(start, queue.next) and not bare_fin:
            self.acks.duplicate()
            return Fate.ZEROWINDOW if start <= queue.next else Fate.OVERWINDOW
        if start > queue.next:
            return self._early(now, start, segment)
        self._in_order(now, start, segment)
        return Fate.TAKEN

    def settle(self) -> None:
        """What has had its turn is no island any more.

        Apart from ``take``, for a FIN is acknowledged before that (Linux: tcp_fin in
        tcp_ofo_queue, before tcp_sack_remove).
        """
        if self.queue.finished:
            self.queue.early.clear()
        self.queue.early.forget(self.queue.next)

    def repeated(self, start: int, end: int) -> None:
        """What we have already (Linux: tcp_send_dupack, tcp_dsack_set; RFC 2883)."""
        queue = self.queue
        if start < end and start < queue.next:
            self._had(start, min(end, queue.next))
            self.acks.duplicate()

    def _had(self, start: int, end: int) -> None:
        if self.schedule.sack:
            self.queue.early.duplicate = (start, end)

    def _in_order(self, now: int, start: int, segment: Segment) -> None:
        queue = self.queue
        data = segment.payload[queue.next - start :]
        memory = Memory.of(len(data), segment.cut)
        queue.append(data, segment.has(FIN), memory)
        if data:
            self._learn_from(now, memory, segment.flags)
        else:
            self.acks.pending = True
        if queue.join():
            self.acks.now = True

    def _learn_from(self, now: int, memory: Memory, flags: int) -> None:
        """Linux: tcp_event_data_recv."""
        self.acks.received(now, memory, flags, self._rtt.rto)
        self.sizing.received(self.queue.next)
        if memory.length >= _SMALL:
            self._grow(memory, self.queue.cost)

    def _early(self, now: int, start: int, segment: Segment) -> Fate:
        """Linux: tcp_data_queue_ofo."""
        queue, early = self.queue, self.queue.early
        self.acks.pending = True
        memory = Memory.of(len(segment.payload), segment.cut)
        new = Early(start, segment.payload, segment.has(FIN), memory)
        self.acks.measure(memory, segment.flags)
        used = queue.cost
        if early.crowds(new):
            self.schedule.tell_held_back(now)
        keeping = early.keep(new)
        if keeping is Keeping.COPIED and not memory.length:
            memory.cost = 0  # a bare FIN leaves nothing behind (Linux: truesize_adjust)
        if keeping is not Keeping.USELESS and self.schedule.sack:
            self._grow(memory, used)
        memory.condense()
        self.sizing.came_early(early.end - queue.next)
        return Fate.OFOMERGE if keeping is Keeping.USELESS else Fate.TAKEN

    def _grow(self, memory: Memory, used: int) -> None:
        """A segment proves that the window may open; ``used`` of the buffer is taken."""
        if self.window.grow(memory.length, memory.cost, used):
            self.acks.opened()

    # --- what the user takes

    def read(self, now: int) -> bytes:
        """All that is in order (Linux: tcp_recvmsg)."""
        queue = self.queue
        unread, pieces = len(queue.ready) + queue.finished, list(queue.pieces)
        data = queue.take()
        for piece in pieces:
            unread -= piece
            beyond = queue.early.end - queue.next if queue.early else 0
            self.sizing.was_read(queue.next - unread, unread, beyond)
        if data:
            self.schedule.after_read(now)
        return data
