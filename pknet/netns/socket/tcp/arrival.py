"""A segment comes (RFC 9293, section 3.10.7; Linux: tcp_rcv_state_process).

Law: the steps are the RFC's, in its order; where Linux differs, Linux's.

    acceptable? -> RST? -> SYN? -> ACK -> data -> FIN -> send what may be sent -> acknowledge
"""

from __future__ import annotations

from pknet.netns.socket.tcp.fate import Fate
from pknet.netns.socket.tcp.options import NO_OPTIONS
from pknet.netns.socket.tcp.segment import Segment
from pknet.netns.socket.tcp.settings import FIN_TIMEOUT, TIME_WAIT, Settings
from pknet.netns.socket.tcp.state import Event, State
from pknet.netns.socket.tcp.timers import TICK, Timer
from pknet.netns.socket.tcp.unsent import Unsent
from pknet.netns.socket.tcp.validation import FINISHED, Validation
from pknet.wire.tcp import ACK, FIN, PSH, RST, SYN

_SOON = 2 * TICK  # Linux: TCP_TIMEOUT_MIN


class Arrival(Validation):
    """The half of a control block that the peer talks to."""

    def __init__(self, settings: Settings, iss: int) -> None:
        super().__init__(settings, iss)
        self._unsent = Unsent(self.sender, self.recovery)
        self.stands, self.refused = self._unsent.stands, self._unsent.refused
        self.first_ack = 0  # the peer's first (Linux: snd_una - bytes_acked)
        self._window_seq = 0  # the segment that told the window (RFC 9293: SND.WL1)

    def segment(self, now: int, segment: Segment) -> Fate:
        """Take ``segment`` in; what waited while the connection ended is let go, as in Linux."""
        if self.over:
            return Fate.TAKEN
        self.receiver.sizing.came(now)
        if self.state is State.SYN_SENT:
            return self._in_syn_sent(now, segment)
        return self.validate(now, segment) or self._acknowledged(now, segment)

    # --- our SYN is under way

    def _in_syn_sent(self, now: int, segment: Segment) -> Fate:
        """RFC 9293, 3.10.7.3 (Linux: tcp_rcv_synsent_state_process)."""
        if segment.has(ACK) and self.ack_of(segment) != self.sender.queue.next:
            return self._answered_wrongly(now)
        if segment.has(RST):
            if not segment.has(ACK):
                return Fate.RESET
            self.end("ECONNREFUSED")
        elif not segment.has(SYN):
            return Fate.FLAGS
        else:
            self.learn(segment.options, segment.seq)
            self.set_window(segment)
            if segment.has(ACK):
                self._opened(now)
            else:
                # A scale that the peer never agreed to: only a SYN-ACK takes it back.
                self.receiver.window.scale = self.settings.scale
                self.move(Event.SYN)
                self.greet()
        return Fate.TAKEN

    def _answered_wrongly(self, now: int) -> Fate:
        """Of an older connection, maybe: once it is gone, the SYN may do (RFC 9293, 3.10.7.3)."""
        if not self.loss_timers.retries:
            self.timers.set(Timer.RETRANSMIT, now, _SOON)
        return Fate.INVALID_ACK_SEQUENCE

    def _opened(self, now: int) -> None:
        if self.loss_timers.retries > 1:
            self.sender.congestion.begin_small()
        self.recovery.acknowledge(now, self.sender.queue.next, (), pure=True)
        self.move(Event.SYN_ACK)
        self.sender.rtt.fall_back()
        self.send_ack(now)
        self.send_more(now)

    # --- step five: the acknowledgement

    def _acknowledged(self, now: int, segment: Segment) -> Fate:
        ack, queue = self.ack_of(segment), self.sender.queue
        opening = self.state is State.SYN_RECEIVED
        if opening and ack != queue.next:
            return Fate.REFUSED
        if ack > queue.next or self._too_old(ack):
            self.challenge(now)  # RFC 5961, section 5
            if self._is_usual(segment) and ack <= queue.next:
                return Fate.TAKEN
            return Fate.ACK_UNSENT_DATA if ack > queue.next else Fate.TOO_OLD_ACK
        changed = self._update_window(segment, ack)
        pure = not segment.payload and not changed
        blocks = self.numbers.blocks(segment, queue.next)
        self.recovery.acknowledge(now, ack, blocks, pure=pure)
        if opening:
            self.move(Event.ACK_OF_SYN)
            self.set_window(segment)
            self.sender.rtt.fall_back()
        if self.shut and queue.una == queue.written:
            self._fin_arrived(now, segment)
        return Fate.TAKEN if self.over else self._text(now, segment)

    def _too_old(self, ack: int) -> bool:
        sender = self.sender
        return ack < max(sender.queue.una - sender.max_window, self.first_ack)

    def _is_usual(self, segment: Segment) -> bool:
        """A bare one with nothing new but its number: freed unasked (tcp_rcv_established)."""
        queue = self.receiver.queue
        return (
            self.state is State.ESTABLISHED
            and segment.flags & ~PSH == ACK
            and segment.options == NO_OPTIONS
            and not segment.payload
            and self.seq_of(segment) == queue.next
            and self.numbers.window(segment) == self.sender.window
            and not queue.early
        )

    def _update_window(self, segment: Segment, ack: int) -> bool:
        """True where it changed (Linux: tcp_ack_update_window)."""
        sender, offered = self.sender, self.numbers.window(segment)
        start = self.seq_of(segment)
        if ack < sender.queue.una:
            return False
        newer = ack > sender.queue.una or start > self._window_seq
        wider = start == self._window_seq and (offered > sender.window or not offered)
        if not newer and not wider:
            return False
        changed = sender.window != offered
        self.set_window(segment)
        return changed

    def set_window(self, segment: Segment) -> None:
        """What ``segment`` offers is what we may send."""
        sender = self.sender
        sender.window = self.numbers.window(segment)
        sender.max_window = max(sender.max_window, sender.window)
        self._window_seq = self.seq_of(segment)

    def _fin_arrived(self, now: int, segment: Segment) -> None:
        """All that we sent did, our FIN too."""
        if self.state is State.FIN_WAIT_1:
            self.move(Event.ACK_OF_FIN)
            if self.orphan and segment.length:
                self.timers.set(Timer.LINGER, now, FIN_TIMEOUT)
            elif self.orphan:
                self.linger(now, FIN_TIMEOUT)
        elif self.state is State.CLOSING:
            self.move(Event.ACK_OF_FIN)
            self.linger(now, TIME_WAIT)
        elif self.state is State.LAST_ACK:
            self.move(Event.ACK_OF_FIN)
            self.timers.clear()

    # --- steps seven and eight: data, FIN

    def _text(self, now: int, segment: Segment) -> Fate:
        start, queue = self.seq_of(segment), self.receiver.queue
        late = self.state in FINISHED and start >= queue.next
        fate, finished = Fate.TAKEN, queue.finished
        if segment.length and not late:
            if self.orphan and start + segment.length - segment.has(FIN) > queue.next:
                self.end("ECONNRESET")
                return Fate.ABORTED  # RFC 1122, section 4.2.2.13
            fate = self.receiver.take(now, start, segment)
            if queue.finished and not finished:
                self._fin(now)
            self.receiver.settle()
        if not self.over:
            self.send_more(now)
            self.receiver.schedule.check(now)
        return fate

    def _fin(self, now: int) -> None:
        """The peer will send no more (Linux: tcp_fin)."""
        answers = self.state in (State.FIN_WAIT_1, State.FIN_WAIT_2)
        self.move(Event.FIN)
        if answers:
            self.send_ack(now)
        else:
            self.receiver.acks.be_lazy()
        if self.state is State.TIME_WAIT:
            self.linger(now, TIME_WAIT)

    # --- and then

    def send_more(self, now: int) -> None:
        """What an acknowledgement has made room for (Linux: tcp_data_snd_check)."""
        before = self.sender.queue.next
        self.sender.push(now)
        self.sent_since(now, before)

    def sent_since(self, now: int, before: int) -> None:
        """Watch over what left since ``before``, or over the window that let nothing leave."""
        if self.sender.queue.next != before:
            self.loss_timers.schedule_probe(now)
        self.window_probe.wait(now)
