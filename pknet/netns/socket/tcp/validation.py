"""Whether a segment may be taken at all: sequence number, RST, SYN (RFC 9293, 3.10.7.4; RFC 5961).

Law: what is out of place is answered by where we are, not too often, and changes nothing.
"""

from __future__ import annotations

from pknet.netns.socket.tcp.endpoint import Endpoint
from pknet.netns.socket.tcp.fate import Fate
from pknet.netns.socket.tcp.segment import Segment
from pknet.netns.socket.tcp.state import State
from pknet.wire.tcp import ACK, RST, SYN

#: The peer has finished.
FINISHED = frozenset({State.CLOSE_WAIT, State.LAST_ACK, State.CLOSING})


class Validation(Endpoint):
    """Steps one to four of a segment that comes in a synchronized state."""

    def validate(self, now: int, segment: Segment) -> Fate | None:
        """Sequence number, RST, SYN; None: go on with it (Linux: tcp_validate_incoming)."""
        if not segment.has(ACK | RST | SYN):
            return Fate.FLAGS
        start = self.seq_of(segment)
        misplaced = self.receiver.misplaced(start, start + segment.length)
        if misplaced is not None:
            return self._out_of_window(now, segment, start, misplaced)
        if segment.has(RST):
            return self._reset(now, start)
        if segment.has(SYN) and not self._crossed(segment, start):
            return self._past_syn(now)
        return None

    def _out_of_window(self, now: int, segment: Segment, start: int, misplaced: Fate) -> Fate:
        if segment.has(RST):
            if self._resets_late(start):
                return self._broken()
        elif segment.has(SYN):
            return self._past_syn(now)
        elif segment.length or self.may_complain(now):
            self.receiver.repeated(start, start + segment.length)
            self.send_ack(now)
        return misplaced

    def _past_syn(self, now: int) -> Fate:
        self.challenge(now)
        return Fate.INVALID_SYN

    def _reset(self, now: int, start: int) -> Fate:
        """Only an exact one counts (RFC 5961, section 3.2)."""
        queue = self.receiver.queue
        edge = max((end for _, end in queue.early.islands), default=queue.next)
        if start in (queue.next, edge) or self._resets_late(start):
            return self._broken()
        self.challenge(now)
        return Fate.RESET

    def _resets_late(self, start: int) -> bool:
        """A reset from before the peer's own FIN (Linux: tcp_reset_check)."""
        return start == self.receiver.queue.next - 1 and self.state in FINISHED

    def _broken(self) -> Fate:
        """Linux: tcp_reset."""
        self.end("EPIPE" if self.state is State.CLOSE_WAIT else "ECONNRESET")
        return Fate.TAKEN

    def _crossed(self, segment: Segment, start: int) -> bool:
        """The SYN-ACK that ends a simultaneous open."""
        return (
            self.state is State.SYN_RECEIVED
            and segment.has(ACK)
            and start + 1 == self.receiver.queue.next
            and self.ack_of(segment) == self.sender.queue.next
        )
