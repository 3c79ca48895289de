"""A transmission control block: one end of a connection, without sockets or clocks.

Law: sans-IO. Segments, calls and times go in; ``outgoing`` and ``deadline`` come out.

    connect | answered -> segment, write, read, shutdown, close, timeout
                       -> outgoing, deadline, state, readable, error, successor
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.netns.socket.tcp.arrival import Arrival
from pknet.netns.socket.tcp.segment import Segment
from pknet.netns.socket.tcp.seq import position
from pknet.netns.socket.tcp.settings import FIN_TIMEOUT, Settings
from pknet.netns.socket.tcp.state import OPENING, WRITABLE, Event, State
from pknet.netns.socket.tcp.timers import Timer


class ControlBlock(Arrival):
    """The half that the user and the clock talk to; the peer's is below."""

    own_idents = True  # its segments have IP ids of their own

    @classmethod
    def answered(cls, settings: Settings, iss: int, syn: Segment, trip: int | None) -> ControlBlock:
        """The end of a listener whose SYN-ACK took ``trip`` nanoseconds to be answered.

        ``trip`` None: it was sent more than once. The segment that completes the handshake is
        still to come. Linux: tcp_create_openreq_child.
        """
        block = cls(settings, iss)
        block.move(Event.ACCEPT)
        block.learn(syn.options, syn.seq)
        block.set_window(syn)
        block.sender.queue.next = block.sender.queue.written = block.first_ack = 1
        if trip is not None:
            block.sender.rtt.sample(trip, 1, 1)
        return block

    @property
    def readable(self) -> bool:
        """There is something to read, or the end, or an error."""
        queue = self.receiver.queue
        return bool(queue.ready) or queue.finished or self.error is not None

    @property
    def finished(self) -> bool:
        """All that the peer had to say has been read."""
        return self.receiver.queue.finished and not self.receiver.queue.ready

    @property
    def outlook(self) -> tuple[bool, int, str | None]:
        """All that a user can wait for: being open, what has come, an error."""
        return self.state in OPENING, self.receiver.queue.next, self.error

    # --- the user

    def connect(self, now: int) -> None:
        """Open actively."""
        self.accept()
        self.move(Event.CONNECT)
        self.sender.open(now)

    def accept(self) -> None:
        """A user has it now, who may read (Linux: inet_accept)."""
        self.receiver.sizing.attached = True

    def write(self, now: int, data: bytes) -> None:
        """Queue ``data``, and send what may be sent. Raises BrokenPipeError: it is shut."""
        if self.shut or self.state not in WRITABLE:
            raise BrokenPipeError("EPIPE")
        before = self.sender.queue.next
        self.writer.write(now, data)
        self.sent_since(now, before)

    def read(self, now: int) -> bytes:
        """All that has come in order."""
        return self.receiver.read(now)

    def shutdown(self, now: int) -> None:
        """Write no more: a FIN follows what was written (Linux: tcp_shutdown)."""
        if self.shut or self.state is State.CLOSED:
            return
        self.shut = True
        silent = self.state is State.SYN_SENT
        self.move(Event.SHUTDOWN)
        if silent:
            self.timers.clear()
            return
        before = self.sender.queue.next
        self.writer.finish(now)
        self.sent_since(now, before)

    def close(self, now: int) -> None:
        """Neither write nor read any more; what was not read is refused (Linux: tcp_close)."""
        self.orphan = True
        self.receiver.sizing.attached = False
        if self.receiver.queue.ready:
            self.receiver.queue.take()  # its memory is free: the window that the reset tells
            self.abort()
            return
        self.shutdown(now)
        if self.state is State.FIN_WAIT_2:
            self.linger(now, FIN_TIMEOUT)

    def knows(self, seq: int) -> bool:
        """Whether a segment of that number is under way (what an ICMP error may speak of)."""
        queue = self.sender.queue
        return queue.una <= position(self.numbers.iss, seq, queue.next) <= queue.next

    def abort(self) -> None:
        """Break it off: the peer is told, if it knows of us."""
        if self.state not in (State.CLOSED, State.SYN_SENT):
            self.send_reset()
        self.fail(None)

    def fail(self, error: str | None) -> None:
        """It cannot go on; ``error`` is what the user learns (Linux: tcp_done_with_error)."""
        if self.state is not State.CLOSED:
            self.end(error)

    def limit_path(self, now: int, mss: int) -> None:
        """A router refused what was too large: send that again, in smaller segments.

        RFC 1191; Linux: tcp_v4_mtu_reduced, tcp_simple_retransmit.
        """
        if mss < self.sender.largest:
            self.limit_mss(mss)
            self.recovery.too_large(now)

    def lose_way(self, now: int, seq: int) -> None:
        """A router has no way for our segment ``seq``: keep asking (RFC 6069)."""
        at = position(self.numbers.iss, seq, self.sender.queue.next)
        if self.loss_timers.take_back(now, at):
            self._retransmit(now)

    # --- the clock

    @property
    def deadline(self) -> int | None:
        """When ``timeout`` is to be called; None: never."""
        return self.timers.deadline

    def timeout(self, now: int) -> None:
        """``deadline`` has come."""
        while (timer := self.timers.due(now)) is not None:
            _ON_TIMER[timer](self, now)

    def _retransmit(self, now: int) -> None:
        if not self.loss_timers.timed_out(now, orphan=self.orphan):
            self.end("ETIMEDOUT")

    def _probe_tail(self, now: int) -> None:
        self.loss_timers.probe_tail(now)

    def _reorder(self, now: int) -> None:
        self.loss_timers.reorder_over(now)

    def _probe_window(self, now: int) -> None:
        if self.window_probe.exhausted(orphan=self.orphan):
            self.end("ETIMEDOUT")
        elif self.window_probe.probe(now):
            self.send_probe()

    def _delayed_ack(self, now: int) -> None:
        self.receiver.schedule.waited(now)

    def _compressed_ack(self, now: int) -> None:
        self.receiver.schedule.tell_held_back(now)

    def _lingered(self, now: int) -> None:
        self.end(None)


_ON_TIMER: dict[Timer, Callable[[ControlBlock, int], None]] = {
    Timer.RETRANSMIT: ControlBlock._retransmit,
    Timer.LOSS_PROBE: ControlBlock._probe_tail,
    Timer.REORDER: ControlBlock._reorder,
    Timer.WINDOW_PROBE: ControlBlock._probe_window,
    Timer.DELAYED_ACK: ControlBlock._delayed_ack,
    Timer.COMPRESSED_ACK: ControlBlock._compressed_ack,
    Timer.LINGER: ControlBlock._lingered,
}
