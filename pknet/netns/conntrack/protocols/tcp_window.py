"""Whether a TCP segment fits into the windows seen so far (Linux: tcp_in_window).

Law (van Rooij, "Real Stateful TCP Packet Filtering in IP Filter", as the kernel bends it):

    I    data begins no further than the receiver has allowed    seq <= sender.maxend
    II   data ends no further back than what is still open       end >= sender.end - receiver.maxwin
    III  only what was sent is acknowledged                      sack <= receiver.end
    IV   no acknowledgement is hopelessly late                   sack >= receiver.end - MAXACKWINDOW
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from pknet.netns.conntrack.connection import Direction
from pknet.netns.conntrack.protocols.tcp_seen import (
    BE_LIBERAL,
    DATA_UNACKNOWLEDGED,
    MAXACK_SET,
    SACK_PERM,
    WINDOW_SCALE,
    TcpState,
)
from pknet.netns.conntrack.protocols.tcp_segment import MASK, Segment, after
from pknet.netns.conntrack.protocols.tcp_states import Kind, State
from pknet.wire.tcp import ACK, RST, SYN

MAX_ACK_WINDOW = 66_000  # bytes (Linux: MAXACKWINCONST)


class Fit(Enum):
    """Linux: enum nf_ct_tcp_action."""

    ACCEPT = "in the window"
    IGNORE = "let through, but not believed"
    INVALID = "out of the window"


class Ruling(NamedTuple):
    """Whether the segment fits, and why not."""

    fit: Fit
    why: str = ""


_ACCEPT = Ruling(Fit.ACCEPT)


class Window:
    """One segment against both sides."""

    def __init__(
        self, tcp: TcpState, direction: Direction, segment: Segment, liberal: bool
    ) -> None:
        self.tcp = tcp
        self.direction = direction
        self.segment = segment
        self.sender = tcp.sides[direction]
        self.receiver = tcp.sides[direction.other]
        self.liberal = liberal
        self.seq, self.end, self.ack = segment.seq, segment.end, segment.ack
        permits = self.receiver.flags & SACK_PERM
        self.sack = segment.highest_ack if permits else segment.ack

    def judge(self) -> Ruling:
        """Judge the segment, and learn from it if it is to be believed."""
        if self._begins():
            return _ACCEPT
        self._guess_ack()
        ruling = self._outside()
        if ruling is None:
            self._learn()
        elif not (self.liberal or self.sender.flags & BE_LIBERAL):
            return ruling
        return _ACCEPT

    def _begins(self) -> bool:
        """First news of the sender; True: a simultaneous open, and nothing to compare with."""
        syn, ack = self.segment.flags & SYN, self.segment.flags & ACK
        sender, state = self.sender, self.tcp.state
        if sender.maxwin == 0:
            if not syn:
                self._pick_up()
                return False
            self._begin_sender()
            return not ack
        again = state in (State.SYN_SENT, State.SYN_RECV)
        if syn and again and after(self.end, sender.end):
            # RFC 9293: who starts again need only use a larger sequence number
            self._begin_sender()
            return self.direction is Direction.REPLY and not ack
        return False

    def _begin_sender(self) -> None:
        self.sender.begin(self.segment)
        both = self.sender.flags & self.receiver.flags & WINDOW_SCALE
        if self.direction is Direction.REPLY and not both:
            self.sender.scale = self.receiver.scale = 0  # RFC 7323: both must offer it

    def _pick_up(self) -> None:
        """We come into the middle of a connection: believe the segment."""
        sender, receiver = self.sender, self.receiver
        sender.end = self.end
        sender.maxwin = (self.segment.window << sender.scale) or 1
        sender.maxend = (self.end + sender.maxwin) & MASK
        if receiver.maxwin == 0:
            receiver.end = receiver.maxend = self.sack
        elif self.sack == (receiver.end + 1) & MASK:
            receiver.end = self.sack  # likely the answer to a keepalive

    def _guess_ack(self) -> None:
        """Segments that acknowledge nothing, or 0, are taken as if they had it right."""
        flags = self.segment.flags
        if not flags & ACK or (flags & RST and self.ack == 0):
            self.ack = self.sack = self.receiver.end
        if flags & RST and self.seq == 0 and self.tcp.state is State.SYN_SENT:
            self.seq = self.end = self.sender.end  # the answer to a SYN

    def _in_receive_window(self) -> bool:
        """Law II."""
        low = self.sender.end - self.receiver.maxwin - 1
        return after(self.end, low & MASK)

    def _outside(self) -> Ruling | None:
        """The first law that it breaks; None: none."""
        sender, receiver = self.sender, self.receiver
        late = not after(self.sack, receiver.end - max(sender.maxwin, MAX_ACK_WINDOW) - 1 & MASK)
        too_much = after(self.sack, receiver.end)
        if after(self.seq, sender.maxend):
            return self._over(late or too_much)
        if too_much:
            return Ruling(Fit.INVALID, "it acknowledges data that was not seen yet")
        if receiver.maxwin and not self._in_receive_window():
            return Ruling(Fit.IGNORE, "data that was acknowledged already")
        if late:
            return Ruling(Fit.IGNORE, "a very late acknowledgement")
        return None

    def _over(self, ack_wrong: bool) -> Ruling:
        """It breaks law I; a little too much is forgiven, so that its ACK will not look wrong."""
        sender, receiver = self.sender, self.receiver
        overshot = (self.end - sender.maxend + 1) & MASK
        open_window = receiver.maxwin and self._in_receive_window()
        if open_window and not ack_wrong and overshot <= receiver.maxwin:
            sender.end = self.end
            sender.flags |= DATA_UNACKNOWLEDGED
            return Ruling(Fit.IGNORE, f"{overshot} bytes more than the receiver's window")
        return Ruling(Fit.INVALID, "its sequence number is beyond the receiver's window")

    def _learn(self) -> None:
        """The segment is part of the connection: move the windows."""
        sender, receiver, segment = self.sender, self.receiver, self.segment
        win = segment.window if segment.flags & SYN else segment.window << sender.scale
        sender.maxwin = max(sender.maxwin, win + (self.sack - self.ack & MASK) & MASK)
        if after(self.end, sender.end):
            sender.end = self.end
            sender.flags |= DATA_UNACKNOWLEDGED
        if segment.flags & ACK and (
            not sender.flags & MAXACK_SET or after(self.ack, sender.maxack)
        ):
            sender.maxack = self.ack
            sender.flags |= MAXACK_SET
        if receiver.maxwin and after(self.end, sender.maxend):
            receiver.maxwin += self.end - sender.maxend & MASK
        edge = (self.sack + win) & MASK
        if after(edge, receiver.maxend - 1 & MASK):
            receiver.maxend = edge if win else edge + 1 & MASK
        if self.ack == receiver.end:
            receiver.flags &= ~DATA_UNACKNOWLEDGED
        if segment.kind is Kind.ACK:
            self._count_repeats()

    def _count_repeats(self) -> None:
        tcp = self.tcp
        now = self.direction, self.seq, self.ack, self.end, self.segment.window
        if now == (tcp.last_dir, tcp.last_seq, tcp.last_ack, tcp.last_end, tcp.last_win):
            tcp.retrans += 1
        else:
            tcp.last_dir, tcp.last_seq, tcp.last_ack, tcp.last_end, tcp.last_win = now
            tcp.retrans = 0
