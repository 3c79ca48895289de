"""One TCP segment on its way through the state table, and where the table does not suffice.

Law: what the two ends may know better than we do is noted, and the answer shows who was right
(Linux: the cases of nf_conntrack_tcp_packet).
"""

from __future__ import annotations

from dataclasses import dataclass

from pknet.netns.conntrack import status
from pknet.netns.conntrack.connection import Connection, Direction
from pknet.netns.conntrack.protocols import tcp_seen as flag
from pknet.netns.conntrack.protocols.tcp_seen import TcpState
from pknet.netns.conntrack.protocols.tcp_segment import Segment
from pknet.netns.conntrack.protocols.tcp_states import Kind, State
from pknet.sim.clock import SECOND

_FEW_SECONDS = 120 * SECOND  # a deadline this near is left as it is


@dataclass(slots=True)
class Move:
    """One segment on its way through the table."""

    ct: Connection
    tcp: TcpState
    segment: Segment
    direction: Direction
    old: State
    new: State
    done: bool = False  # let it through, and change nothing
    skip_window: bool = False


def may_reopen(tcp: TcpState, direction: Direction) -> bool:
    """A SYN after the end: both closed in order, or its sender has reset the connection."""
    closed = (tcp.sides[0].flags | tcp.sides[1].flags) & flag.CLOSE_INIT
    return bool(closed) or (tcp.last_dir is direction and tcp.last_kind is Kind.RST)


def ignore(move: Move) -> None:
    """Let it through, and note it: the answer will show whose idea of things is right."""
    tcp, segment, direction = move.tcp, move.segment, move.direction
    if (
        segment.kind is Kind.SYN_ACK
        and tcp.last_kind is Kind.SYN
        and tcp.last_dir is not direction
        and segment.ack == tcp.last_end
    ):
        _catch_up(move)
        return
    tcp.last_kind, tcp.last_dir = segment.kind, direction
    tcp.last_seq, tcp.last_end, tcp.last_win = segment.seq, segment.end, segment.window
    if segment.kind is Kind.SYN and direction is Direction.ORIGINAL:
        tcp.last_scale = segment.scale or 0
        tcp.last_flags = flag.WINDOW_SCALE if segment.scale is not None else 0
        tcp.last_flags |= flag.SACK_PERM if segment.permits_sack else 0
        if move.old is State.LAST_ACK:
            tcp.last_flags |= flag.EXP_CHALLENGE_ACK
    if move.old is State.SYN_SENT and segment.kind is Kind.ACK and direction is Direction.REPLY:
        tcp.last_ack = segment.ack
    move.done = True


def _catch_up(move: Move) -> None:
    """A SYN-ACK to the SYN that we ignored: the two ends agree, so begin anew from there."""
    tcp = move.tcp
    client = tcp.sides[tcp.last_dir]
    move.old, move.new = State.SYN_SENT, State.SYN_RECV
    client.end = client.maxend = tcp.last_end
    client.maxwin = tcp.last_win or 1
    client.scale = tcp.last_scale
    tcp.last_flags &= ~flag.EXP_CHALLENGE_ACK
    client.flags = tcp.last_flags
    tcp.sides[move.direction].forget()


def answers_challenge(move: Move) -> bool:
    """An ACK that answers a stray SYN (RFC 5961) does not acknowledge the last FIN."""
    tcp = move.tcp
    return (
        move.old is State.LAST_ACK
        and move.segment.kind is Kind.ACK
        and tcp.last_dir is not move.direction
        and tcp.last_kind is Kind.SYN
        and bool(tcp.last_flags & flag.EXP_CHALLENGE_ACK)
    )


def simultaneous(move: Move) -> None:
    """Both sent a SYN: the table does not see that an ACK from the reply side ends it."""
    acked = move.direction is Direction.REPLY and move.segment.kind is Kind.ACK
    if acked and move.tcp.last_flags & flag.SIMULTANEOUS_OPEN:
        move.new = State.ESTABLISHED


def in_train(move: Move) -> bool:
    """A RST right behind data of the same side."""
    tcp = move.tcp
    return (
        tcp.last_kind is Kind.ACK
        and tcp.last_dir is move.direction
        and move.segment.seq == tcp.last_end
    )


def answers_ignored(move: Move) -> bool:
    """A RST to a segment that we let through without believing it."""
    tcp, segment, seen = move.tcp, move.segment, move.ct.status
    syn = (
        seen & status.SEEN_REPLY
        and tcp.last_kind is Kind.SYN
        and tcp.last_dir is not move.direction
    )
    half_open = not seen & status.ASSURED and tcp.last_kind is Kind.ACK
    if (syn or half_open) and segment.ack == tcp.last_end:
        return True
    return (
        move.old is State.SYN_SENT
        and tcp.last_kind is Kind.ACK
        and tcp.last_dir is Direction.REPLY
        and segment.seq == tcp.last_ack
    )


def hasten(move: Move, now: int, soon: int) -> None:
    """Both sides end it, out of our window: forget it sooner (Linux: nf_tcp_handle_invalid)."""
    ct, tcp, kind = move.ct, move.tcp, move.segment.kind
    if kind not in (Kind.RST, Kind.FIN) or not ct.status & status.ASSURED:
        return
    if ct.status & status.FIXED_TIMEOUT:
        return
    if tcp.last_dir is move.direction or tcp.last_kind not in (Kind.FIN, Kind.RST):
        tcp.last_kind, tcp.last_dir = kind, move.direction
        return
    left = ct.deadline - now
    if left >= _FEW_SECONDS and left > soon:
        ct.deadline = now + soon
