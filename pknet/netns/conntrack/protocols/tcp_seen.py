"""What was seen of a TCP connection so far (Linux: struct ip_ct_tcp).

Law: it is a record; tcp_window and tcp_move say what a segment makes of it.
"""

from __future__ import annotations

from pknet.netns.conntrack.connection import Direction, ProtocolState
from pknet.netns.conntrack.protocols.tcp_segment import Segment
from pknet.netns.conntrack.protocols.tcp_states import Kind, State

# Linux: IP_CT_TCP_FLAG_*, what is known of one side.
WINDOW_SCALE = 0x01
SACK_PERM = 0x02
CLOSE_INIT = 0x04  # it sent the first FIN
BE_LIBERAL = 0x08  # we came in the middle: its windows are guesses
DATA_UNACKNOWLEDGED = 0x10
MAXACK_SET = 0x20
EXP_CHALLENGE_ACK = 0x40
SIMULTANEOUS_OPEN = 0x80


class Side:
    """What one side has sent so far (Linux: struct ip_ct_tcp_state; td_end is ``end``, …)."""

    __slots__ = ("end", "flags", "maxack", "maxend", "maxwin", "scale")

    def __init__(self) -> None:
        self.flags = 0
        self.forget()

    def forget(self) -> None:
        """Linux: nf_ct_tcp_state_reset."""
        self.end = self.maxend = self.maxwin = self.maxack = self.scale = 0
        self.flags &= BE_LIBERAL

    def begin(self, segment: Segment) -> None:
        """A SYN tells where it starts and what it can (Linux: tcp_init_sender, tcp_options)."""
        self.end = self.maxend = segment.end
        self.maxwin = segment.window or 1
        if segment.options:
            self.flags &= BE_LIBERAL
            self.scale = segment.scale or 0
            self.flags |= WINDOW_SCALE if segment.scale is not None else 0
            self.flags |= SACK_PERM if segment.permits_sack else 0


class TcpState(ProtocolState):
    """A connection's state, both sides, and the last segment (Linux: struct ip_ct_tcp)."""

    __slots__ = (
        "last_ack", "last_dir", "last_end", "last_flags", "last_kind", "last_scale", "last_seq",
        "last_win", "retrans", "sides", "state",
    )  # fmt: skip

    def __init__(self) -> None:
        self.state = State.NONE
        self.sides = (Side(), Side())
        self.last_kind = Kind.NONE
        self.last_dir = Direction.ORIGINAL
        self.last_seq = self.last_ack = self.last_end = self.last_win = self.last_scale = 0
        self.last_flags = 0
        self.retrans = 0
