"""A segment comes (RFC 9293, section 3.10.7; Linux: tcp_rcv_state_process).

Law: the steps are the RFC's, in its order; where Linux differs, Linux's.

    acceptable? -> RST? -> SYN? -> ACK -> data -> FIN -> send what may be sent -> acknowledge
"""

from __future__ import annotations

from pknet.netns.socket.tcp.endpoint import Endpoint
from pknet.netns.socket.tcp.fate import Fate
from pknet.netns.socket.tcp.segment import Segment
from pknet.netns.socket.tcp.settings import FIN_TIMEOUT, TIME_WAIT, Settings
from pknet.netns.socket.tcp.state import Event, State
from pknet.netns.socket.tcp.timers import Timer
from pknet.wire.tcp import ACK, FIN, RST, SYN

#: The peer has finished.
_FINISHED = frozenset({State.CLOSE_WAIT, State.LAST_ACK, State.CLOSING})


class Arrival(Endpoint):
    """The half of a control block that the peer talks to."""

    def __init__(self, settings: Settings, iss: int) -> None:
        super().__init__(settings, iss)
        self._window_seq = 0  # the segment that told the window (RFC 9293: SND.WL1)

    def segment(self, now: int, segment: Segment) -> Fate:
        """Take ``segment`` in; what waited while the connection ended is let go, as in Linux."""
        if self.over:
            return Fate.TAKEN
        if self.state is State.SYN_SENT:
            return self._in_syn_sent(now, segment)
        if segment.has(ACK | RST | SYN) and self._valid(now, segment):
            return self._acknowledged(now, segment)
        return Fate.TAKEN

    # --- our SYN is under way

    def _in_syn_sent(self, now: int, segment: Segment) -> Fate:
        """RFC 9293, 3.10.7.3 (Linux: tcp_rcv_synsent_state_process)."""
        if segment.has(ACK) and self.ack_of(segment) != self.sender.queue.next:
            return Fate.REFUSED
        if segment.has(RST):
            if segment.has(ACK):
                self.end("ECONNREFUSED")
        elif segment.has(SYN):
            self.learn(segment.options, segment.seq)
            self.set_window(segment)
            if segment.has(ACK):
                self._opened(now)
            else:
                self.move(Event.SYN)
                self.greet()
        return Fate.TAKEN

    def _opened(self, now: int) -> None:
        if self.loss_timers.retries > 1:
            self.sender.congestion.begin_small()
        self.recovery.acknowledge(now, self.sender.queue.next, (), pure=True)
        self.move(Event.SYN_ACK)
        self.sender.rtt.fall_back()
        self.send_ack(now)
        self.send_more(now)

    # --- steps one to four

    def _valid(self, now: int, segment: Segment) -> bool:
        """Sequence number, RST, SYN (Linux: tcp_validate_incoming)."""
        start = self.seq_of(segment)
        if not self.receiver.acceptable(start, start + segment.length):
            self._out_of_window(now, segment, start)
            return False
        if segment.has(RST):
            self._reset(now, start)
            return False
        if segment.has(SYN) and not self._crossed(segment, start):
            self.challenge(now)
            return False
        return True

    def _out_of_window(self, now: int, segment: Segment, start: int) -> None:
        if segment.has(RST):
            if self._resets_late(start):
                self._broken()
        elif segment.has(SYN):
            self.challenge(now)
        elif segment.length or self.may_complain(now):
            self.receiver.repeated(start, start + segment.length)
            self.send_ack(now)

    def _reset(self, now: int, start: int) -> None:
        """Only an exact one counts (RFC 5961, section 3.2)."""
        queue = self.receiver.queue
        edge = max((end for _, end in queue.sacks), default=queue.next)
        if start in (queue.next, edge) or self._resets_late(start):
            self._broken()
        else:
            self.challenge(now)

    def _resets_late(self, start: int) -> bool:
        """A reset from before the peer's own FIN (Linux: tcp_reset_check)."""
        return start == self.receiver.queue.next - 1 and self.state in _FINISHED

    def _broken(self) -> None:
        """Linux: tcp_reset."""
        self.end("EPIPE" if self.state is State.CLOSE_WAIT else "ECONNRESET")

    def _crossed(self, segment: Segment, start: int) -> bool:
        """The SYN-ACK that ends a simultaneous open."""
        return (
            self.state is State.SYN_RECEIVED
            and segment.has(ACK)
            and start + 1 == self.receiver.queue.next
            and self.ack_of(segment) == self.sender.queue.next
        )

    # --- step five: the acknowledgement

    def _acknowledged(self, now: int, segment: Segment) -> Fate:
        ack, queue = self.ack_of(segment), self.sender.queue
        opening = self.state is State.SYN_RECEIVED
        if opening and ack != queue.next:
            return Fate.REFUSED
        if ack > queue.next or ack < queue.una - self.sender.max_window:
            if ack < queue.una or self.state is not State.ESTABLISHED:
                self.challenge(now)  # RFC 5961, section 5
            return Fate.TAKEN
        changed = self._update_window(segment, ack)
        pure = not segment.payload and not changed
        self.recovery.acknowledge(now, ack, self.blocks_of(segment), pure=pure)
        if opening:
            self.move(Event.ACK_OF_SYN)
            self.set_window(segment)
            self.sender.rtt.fall_back()
        if self.shut and queue.una == queue.written:
            self._fin_arrived(now, segment)
        return Fate.TAKEN if self.over else self._text(now, segment)

    def _update_window(self, segment: Segment, ack: int) -> bool:
        """True where it changed (Linux: tcp_ack_update_window)."""
        sender, offered = self.sender, self.window_of(segment)
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
        sender.window = self.window_of(segment)
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
        late = self.state in _FINISHED and start >= queue.next
        if segment.length and not late:
            if self.orphan and start + segment.length - segment.has(FIN) > queue.next:
                self.end("ECONNRESET")
                return Fate.REFUSED  # data for a user who has gone (RFC 1122, 4.2.2.13)
            if self.receiver.take(now, start, segment):
                self._fin(now)
        if not self.over:
            self.send_more(now)
            self.receiver.check(now)
        return Fate.TAKEN

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
