"""One end of a connection: what it has, and how it speaks.

Law: every segment of a connection is made here, so that each carries what is true at the moment:
the acknowledgement, the window, and what came out of turn.
"""

from __future__ import annotations

from pknet.netns.socket.tcp.early_queue import MAX_SACKS
from pknet.netns.socket.tcp.numbers import Numbers
from pknet.netns.socket.tcp.options import NO_OPTIONS, Options
from pknet.netns.socket.tcp.receiver import Receiver
from pknet.netns.socket.tcp.recovery import Recovery
from pknet.netns.socket.tcp.segment import Burst, Segment
from pknet.netns.socket.tcp.send_queue import Chunk
from pknet.netns.socket.tcp.sender import Sender
from pknet.netns.socket.tcp.seq import wire
from pknet.netns.socket.tcp.settings import CHALLENGE_PAUSE, DEFAULT_MSS, MAX_WINDOW, Settings
from pknet.netns.socket.tcp.state import Event, State, after
from pknet.netns.socket.tcp.time_wait import TimeWait
from pknet.netns.socket.tcp.timers import Timers
from pknet.netns.socket.tcp.writer import Writer
from pknet.wire.tcp import ACK, FIN, PSH, RST, SYN


class Endpoint:
    """``outgoing``: what is to be sent, in order. Times in nanoseconds, sizes in bytes."""

    def __init__(self, settings: Settings, iss: int) -> None:
        self.settings = settings
        self.state = State.CLOSED
        self.outgoing: list[Burst] = []
        self.error: str | None = None  # the errno that ended it
        self.timers = Timers()
        self.sender = Sender(self.timers, self._speak)
        self.writer = Writer(self.sender)
        self.recovery = Recovery(self.sender, settings)
        self.loss_timers = self.recovery.loss_timers
        self.window_probe = self.recovery.window_probe
        self.receiver = Receiver(
            settings, settings.scale, self.timers, self.sender.rtt, self.send_ack
        )
        self.orphan = False  # its user has gone
        self.shut = False  # and will write no more
        self.numbers = Numbers(iss)
        self.sender.largest = min(settings.mss, settings.path_mss)
        self.sender.overhead = self._overhead
        self._next_challenge = 0
        self.successor: TimeWait | None = None  # what is left when only lingering is

    def move(self, event: Event) -> None:
        """By the table."""
        self.state = after(self.state, event)

    # --- what the peer says of itself

    def learn(self, options: Options, irs: int) -> None:
        """A SYN's options (Linux: tcp_parse_options, tcp_finish_connect); ``irs`` its number."""
        self.numbers.irs = irs
        scaled = options.scale is not None
        self.numbers.scale = options.scale or 0
        self.receiver.window.scale = self.settings.scale if scaled else 0
        self.sender.sack = self.receiver.schedule.sack = options.sack_permitted
        self.limit_mss(options.mss or DEFAULT_MSS)

    def limit_mss(self, size: int) -> None:
        """Send no larger segments than this."""
        self.sender.largest = min(self.sender.largest, size)

    def seq_of(self, segment: Segment) -> int:
        """Where ``segment`` begins."""
        return self.numbers.start(segment, self.receiver.queue.next)

    def ack_of(self, segment: Segment) -> int:
        """What it acknowledges."""
        return self.numbers.acknowledged(segment, self.sender.queue.next)

    # --- speaking

    def send_ack(self, now: int) -> None:
        """A bare acknowledgement; what was reset is silent (Linux: tcp_send_ack)."""
        if self.state is not State.CLOSED:
            self._say(self._acceptable(), ACK)

    def send_probe(self) -> None:
        """A segment that must be answered: one position too early (tcp_xmit_probe_skb)."""
        self._say(self.sender.queue.una - 1, ACK)

    def send_reset(self) -> None:
        """Linux: tcp_send_active_reset."""
        self._say(self._acceptable(), RST | ACK)

    def challenge(self, now: int) -> None:
        """Let the peer prove that it meant it (RFC 5961; Linux: tcp_send_challenge_ack)."""
        if self.may_complain(now):
            self.send_ack(now)

    def may_complain(self, now: int) -> bool:
        """Not more often than the limit: two ends might complain of each other for ever."""
        if now < self._next_challenge:
            return False
        self._next_challenge = now + CHALLENGE_PAUSE
        return True

    def _acceptable(self) -> int:
        """A sequence number that the peer's window has (Linux: tcp_acceptable_seq)."""
        nxt, end = self.sender.queue.next, self.sender.window_end
        return nxt if nxt - end < 1 << self.receiver.window.scale else end

    def _say(self, seq: int, flags: int) -> None:
        """A segment without data."""
        options = Options(sacks=self._islands())
        self.outgoing.append((self._segment(seq, flags, b"", options),))
        self.receiver.schedule.told()

    def _speak(self, now: int, chunk: Chunk) -> None:
        """A chunk, cut into segments (Linux: skb_segment).

        The last has what marks the chunk's end; of several it has PSH in any case, so that the
        peer hands the burst up (Linux: __tcp_transmit_skb).
        """
        if chunk.flags & SYN:
            self.greet()
            chunk.burst = self.outgoing[-1]
            return
        options = Options(sacks=self._islands())
        size, cut = chunk.mss, len(chunk.data) > chunk.mss
        marks = chunk.flags & (PSH | FIN) | (PSH if cut else 0)
        burst = []
        for at in range(0, max(len(chunk.data), 1), size):
            flags = ACK | (marks if at + size >= len(chunk.data) else 0)
            data = chunk.data[at : at + size]
            burst.append(self._segment(chunk.start + at, flags, data, options, cut))
        chunk.burst = tuple(burst)
        self.outgoing.append(chunk.burst)
        self.receiver.schedule.told()
        if chunk.data:
            self.receiver.acks.answered(now)

    def greet(self) -> None:
        """The SYN, with an acknowledgement if the peer's has come (Linux: tcp_send_synack).

        Its options are its own, whatever the peer's SYN offered (Linux: tcp_syn_options).
        """
        options = Options(self.settings.mss, self.settings.scale, sack_permitted=True)
        flags, ack = SYN, 0
        if self.state is State.SYN_RECEIVED:
            flags, ack = SYN | ACK, wire(self.numbers.irs, self.receiver.queue.next)
        window = min(self.settings.initial_window, MAX_WINDOW)
        self.outgoing.append((Segment(wire(self.numbers.iss, 0), ack, flags, window, options),))

    def _segment(
        self, seq: int, flags: int, data: bytes, options: Options, cut: bool = False
    ) -> Segment:
        receiver = self.receiver
        window = receiver.window.select(receiver.queue.next, receiver.queue.cost)
        ack = wire(self.numbers.irs, receiver.queue.next)
        return Segment(wire(self.numbers.iss, seq), ack, flags, window, options, data, cut)

    def _overhead(self) -> int:
        """Bytes of options that a segment would carry now."""
        early = self.receiver.queue.early
        count = min(len(early.islands) + (early.duplicate is not None), MAX_SACKS)
        return 4 + 8 * count if count else 0

    def _islands(self) -> tuple[tuple[int, int], ...]:
        if not self.receiver.schedule.sack:
            return NO_OPTIONS.sacks
        blocks, irs = self.receiver.queue.early.blocks(), self.numbers.irs
        return tuple((wire(irs, start), wire(irs, end)) for start, end in blocks)

    # --- the end

    def end(self, error: str | None) -> None:
        """It is over, without a word (Linux: tcp_done)."""
        self.error = error
        self.sender.queue.clear()
        self.timers.clear()
        self.move(Event.ABORT)

    def linger(self, now: int, duration: int) -> None:
        """The user has gone, the peer may not have (Linux: tcp_time_wait)."""
        receiver = self.receiver
        left = receiver.window.open_from(receiver.queue.next)
        self.successor = TimeWait(
            self.state,
            wire(self.numbers.iss, self.sender.queue.next),
            wire(self.numbers.irs, receiver.queue.next),
            left,
            left >> receiver.window.scale,
            now,
            duration,
        )
        self.timers.clear()

    @property
    def over(self) -> bool:
        """There is nothing left to do for this one."""
        return self.state is State.CLOSED or self.successor is not None
