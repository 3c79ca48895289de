"""One end of a TCP connection, without sockets or clocks (RFC 9293; Linux: tcp_input.c).

Law: sans-IO. Segments, writes and timeouts go in; segments to send are in ``out``, the next
timeout in ``deadline``, what came in order in ``received``. It never looks at a clock.

    connect | accept -> segment, write, close, timeout -> out, deadline, received, ended
"""

from __future__ import annotations

from collections import deque

from pknet.netns.socket.tcp.options import NO_OPTIONS, Options
from pknet.netns.socket.tcp.segment import Segment
from pknet.netns.socket.tcp.state import RECEIVING, SYNCHRONIZED, Event, State, after
from pknet.sim.clock import MILLISECOND, SECOND
from pknet.wire.tcp import ACK, FIN, PSH, RST, SYN

SCALE = 10  # follows from net.ipv4.tcp_rmem's third figure (Linux: tcp_select_initial_window)
WINDOW = 64_240  # bytes offered (Linux: 44 full segments)
RTO_INITIAL, RTO_MIN, RTO_MAX = 1 * SECOND, 200 * MILLISECOND, 120 * SECOND  # Linux: tcp.h
TIME_WAIT = 60 * SECOND  # Linux: TCP_TIMEWAIT_LEN
CWND = 10  # segments (RFC 6928)
RETRIES = 15  # net.ipv4.tcp_retries2
SYN_RETRIES = 6  # net.ipv4.tcp_syn_retries
REORDER_LIMIT = 64  # segments kept out of order
ACK_DELAY = 40 * MILLISECOND  # Linux: TCP_ATO_MIN, TCP_DELACK_MIN
DUPLICATES = 3  # acknowledgements that say a segment is lost (RFC 5681, section 3.2)

_MASK = 0xFFFFFFFF


def ahead(a: int, b: int) -> int:
    """How far ``a`` is ahead of ``b``, negative: behind (RFC 9293, section 3.4)."""
    distance = (a - b) & _MASK
    return distance - (1 << 32) if distance >> 31 else distance


class Block:
    """A transmission control block. Times in nanoseconds, sizes in bytes."""

    def __init__(self, iss: int, mss: int) -> None:
        self.state = State.CLOSED
        self.mss = mss
        self.out: list[Segment] = []
        self._retransmit: int | None = None  # when the oldest segment is sent again
        self._ack_due: int | None = None  # when a delayed acknowledgement goes alone
        self._heard: int | None = None  # when data last came
        self._interactive = False  # answers follow questions: acknowledge with the answer
        self.received = bytearray()
        self.eof = False  # the peer will send no more
        self.error: str | None = None
        self.una = self.nxt = iss  # oldest unacknowledged, next to send
        self.rcv = 0  # next expected
        self.peer_window = 0
        self.peer_scale = 0
        self._unsent = bytearray()
        self._closing = False
        self._flight: deque[Segment] = deque()
        self._early: list[Segment] = []
        self._rto = RTO_INITIAL
        self._tries = 0
        self._duplicates = 0
        self._timed: tuple[int, int] | None = None  # sequence number, when it was sent
        self._srtt = self._rttvar = 0

    # --- what the program does

    def connect(self, now: int) -> None:
        """Send a SYN."""
        self._move(Event.CONNECT)
        self._send(now, SYN, options=self._syn_options(scale=True))

    def accept(self, now: int, syn: Segment) -> None:
        """Answer a SYN."""
        self._move(Event.ACCEPT)
        self.rcv = (syn.seq + 1) & _MASK
        self._learn_options(syn)
        self.peer_window = syn.window
        self._send(now, SYN | ACK, options=self._syn_options(syn.options.scale is not None))

    def write(self, now: int, data: bytes) -> None:
        """Queue bytes to send."""
        self._unsent += data
        self._push(now)

    def close(self, now: int) -> None:
        """Send no more; a FIN follows the last byte."""
        self._closing = True
        self._push(now)

    @property
    def deadline(self) -> int | None:
        """When ``timeout`` is to be called; None: never."""
        due = [time for time in (self._retransmit, self._ack_due) if time is not None]
        return min(due, default=None)

    def timeout(self, now: int) -> None:
        """``deadline`` has come."""
        if self._ack_due is not None and self._ack_due <= now:
            self._acknowledge()
        if self._retransmit is not None and self._retransmit <= now:
            self._retransmit = None
            self._expired(now)

    def _expired(self, now: int) -> None:
        """The retransmission timer, or TIME-WAIT's, ran out."""
        if self.state is State.TIME_WAIT:
            self._move(Event.EXPIRED)
            return
        self._tries += 1
        limit = SYN_RETRIES if self.state is State.SYN_SENT else RETRIES
        if self._tries > limit:
            self._abort("ETIMEDOUT")
        elif self._flight:
            self._timed = None
            self._rto = min(self._rto * 2, RTO_MAX)
            self._again(now)
        elif self._unsent:
            self._probe(now)

    # --- what the peer does

    def segment(self, now: int, seg: Segment) -> None:
        """A segment came (RFC 9293, section 3.10.7)."""
        if self.state is State.SYN_SENT:
            self._in_syn_sent(now, seg)
        elif not self._acceptable(seg):
            if not seg.has(RST):
                self._acknowledge()
        elif seg.has(RST):
            self._reset(seg)
        elif seg.has(SYN):
            self._acknowledge()  # a challenge (RFC 5961, section 4)
        elif seg.has(ACK):
            self._in_order(now, seg)

    def _in_syn_sent(self, now: int, seg: Segment) -> None:
        good = seg.has(ACK) and seg.ack == self.nxt
        if seg.has(RST):
            if good:
                self._abort("ECONNREFUSED")
            return
        if not seg.has(SYN):
            return
        if seg.has(ACK) and not good:
            self.out.append(Segment(seg.ack, 0, RST, 0))
            return
        self.rcv = (seg.seq + 1) & _MASK
        self._learn_options(seg)
        self.peer_window = seg.window
        if not seg.has(ACK):  # simultaneous open
            self._move(Event.SYN)
            self._flight.clear()
            self.nxt = self.una
            self._send(now, SYN | ACK, options=self._syn_options(scale=True))
            return
        self._acked(now, seg.ack)
        self._move(Event.SYN_ACK)
        self._acknowledge()
        self._push(now)

    def _acceptable(self, seg: Segment) -> bool:
        """Within the window (RFC 9293, section 3.10.7.4, first check)."""
        start = ahead(seg.seq, self.rcv)
        if seg.length == 0:
            return 0 <= start <= WINDOW
        return -seg.length < start < WINDOW

    def _reset(self, seg: Segment) -> None:
        if seg.seq != self.rcv:
            self._acknowledge()  # RFC 5961, section 3
            return
        waiting = self.state in (State.CLOSE_WAIT, State.LAST_ACK, State.CLOSING)
        self._abort("EPIPE" if waiting else "ECONNRESET")

    def _in_order(self, now: int, seg: Segment) -> None:
        if self.state is State.SYN_RECEIVED:
            if seg.ack != self.nxt:
                self.out.append(Segment(seg.ack, 0, RST, 0))
                return
            self._move(Event.ACK_OF_SYN)
        if ahead(seg.ack, self.nxt) > 0:
            self._acknowledge()
            return
        self._take_ack(now, seg)
        if seg.payload or seg.has(FIN):
            self._take_data(now, seg)
        self._push(now)

    def _take_ack(self, now: int, seg: Segment) -> None:
        fresh = ahead(seg.ack, self.una)
        self.peer_window = seg.window << self.peer_scale
        if fresh > 0:
            self._acked(now, seg.ack)
        elif fresh == 0 and self._flight and not seg.length:
            self._duplicates += 1
            if self._duplicates == DUPLICATES:
                self._again(now)

    def _acked(self, now: int, ack: int) -> None:
        """What is acknowledged leaves the queue; the timer starts anew (RFC 6298, section 5)."""
        self.una = ack
        self._duplicates = self._tries = 0
        if self._timed is not None and ahead(ack, self._timed[0]) > 0:
            self._measure(now - self._timed[1])
        fin = False
        while self._flight and ahead(self._flight[0].seq + self._flight[0].length, ack) <= 0:
            fin = self._flight.popleft().has(FIN) or fin
        self._retransmit = now + self._rto if self._flight else None
        if fin:
            self._fin_acknowledged(now)

    def _fin_acknowledged(self, now: int) -> None:
        self._move(Event.ACK_OF_FIN)
        if self.state is State.TIME_WAIT:
            self._retransmit = now + TIME_WAIT

    def _measure(self, sample: int) -> None:
        """RFC 6298, section 2."""
        if self._srtt:
            self._rttvar += (abs(self._srtt - sample) - self._rttvar) // 4
            self._srtt += (sample - self._srtt) // 8
        else:
            self._srtt, self._rttvar = sample, sample // 2
        self._rto = min(self._srtt + max(RTO_MIN, 4 * self._rttvar), RTO_MAX)
        self._timed = None

    def _take_data(self, now: int, seg: Segment) -> None:
        """In order at once; what is early waits (each is acknowledged: quick-ack mode)."""
        if ahead(seg.seq, self.rcv) > 0:
            if len(self._early) < REORDER_LIMIT:
                self._early.append(seg)
            self._acknowledge()
            return
        self._append(now, seg)
        progress = True
        while progress:
            progress = False
            for early in list(self._early):
                if ahead(early.seq, self.rcv) <= 0:
                    self._early.remove(early)
                    self._append(now, early)
                    progress = True
        self._acknowledge_soon(now, seg)

    def _acknowledge_soon(self, now: int, seg: Segment) -> None:
        """At once in quick-ack mode, else with what follows (Linux: __tcp_ack_snd_check)."""
        self._heard = now
        if self._interactive and len(seg.payload) < self.mss:
            self._ack_due = self._ack_due or now + ACK_DELAY
        else:
            self._acknowledge()

    def _append(self, now: int, seg: Segment) -> None:
        skip = -ahead(seg.seq, self.rcv)
        fresh = seg.payload[skip:] if self.state in RECEIVING else b""
        if skip > len(seg.payload):
            return
        self.received += fresh
        self.rcv = (self.rcv + len(seg.payload[skip:])) & _MASK
        if seg.has(FIN) and not self.eof:
            self.rcv = (self.rcv + 1) & _MASK
            self.eof = True
            self._move(Event.FIN)
            if self.state is State.TIME_WAIT:
                self._retransmit = now + TIME_WAIT

    # --- sending

    def _push(self, now: int) -> None:
        """As much as the windows allow, then the FIN."""
        if self.state not in (State.ESTABLISHED, State.CLOSE_WAIT):
            return
        while self._unsent and len(self._flight) < CWND:
            room = self.peer_window - ahead(self.nxt, self.una)
            size = min(self.mss, len(self._unsent), room)
            if size <= 0 or (size < min(self.mss, len(self._unsent)) and self._flight):
                break
            data = bytes(self._unsent[:size])
            del self._unsent[:size]
            self._send(now, ACK | (0 if self._unsent else PSH), data)
        if self._unsent and not self._flight and self._retransmit is None:
            self._retransmit = now + self._rto
        if self._closing and not self._unsent and self.state in (
            State.ESTABLISHED, State.CLOSE_WAIT
        ):  # fmt: skip
            self._send(now, FIN | ACK)
            self._move(Event.SHUTDOWN)

    def _send(
        self, now: int, flags: int, payload: bytes = b"", options: Options = NO_OPTIONS
    ) -> None:
        window = WINDOW if flags & SYN else self._window()
        seg = Segment(self.nxt, self.rcv if flags & ACK else 0, flags, window, options, payload)
        self.nxt = (self.nxt + seg.length) & _MASK
        self._flight.append(seg)
        if self._timed is None:
            self._timed = (seg.seq, now)
        if payload and self._heard is not None and now - self._heard < ACK_DELAY:
            self._interactive = True  # Linux: tcp_event_data_sent, pingpong
        self._ack_due = None
        if self._retransmit is None:
            self._retransmit = now + self._rto
        self.out.append(seg)

    def _again(self, now: int) -> None:
        """The oldest segment once more, acknowledging what has come since."""
        first = self._flight[0]
        ack = self.rcv if first.has(ACK) else 0
        window = first.window if first.has(SYN) else self._window()
        self.out.append(Segment(first.seq, ack, first.flags, window, first.options, first.payload))
        self._retransmit = now + self._rto

    def _probe(self, now: int) -> None:
        """The peer's window is closed: ask (Linux: tcp_xmit_probe_skb)."""
        self.out.append(Segment((self.una - 1) & _MASK, self.rcv, ACK, self._window()))
        self._rto = min(self._rto * 2, RTO_MAX)
        self._retransmit = now + self._rto

    def _acknowledge(self) -> None:
        self._ack_due = None
        self.out.append(Segment(self.nxt, self.rcv, ACK, self._window()))

    def _window(self) -> int:
        """Rounded up to the scale, as Linux offers it."""
        return -(-WINDOW >> SCALE) if self.peer_scale else WINDOW

    def _syn_options(self, scale: bool) -> Options:
        return Options(mss=self.mss, scale=SCALE if scale else None, sack_permitted=True)

    def _learn_options(self, syn: Segment) -> None:
        self.mss = min(self.mss, syn.options.mss or 536)
        self.peer_scale = syn.options.scale or 0

    # --- the end

    def shrink(self, now: int, mss: int) -> None:
        """Segments must be smaller (RFC 1191): what is on its way is cut anew."""
        if mss >= self.mss:
            return
        self.mss = mss
        if self.state in SYNCHRONIZED and self._flight:
            self._unsent[:0] = b"".join(s.payload for s in self._flight)
            self._flight.clear()
            self.nxt = self.una
            self._retransmit = None
            self._push(now)

    def fail(self, error: str) -> None:
        """Give up, with no segment."""
        self._abort(error)

    @property
    def connected(self) -> bool:
        """The handshake is done."""
        return self.state in SYNCHRONIZED

    def _abort(self, error: str) -> None:
        self.error = error
        self._flight.clear()
        self._unsent.clear()
        self._retransmit = self._ack_due = None
        self._move(Event.ABORT)

    def _move(self, event: Event) -> None:
        self.state = after(self.state, event)
