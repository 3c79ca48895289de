"""TCP (Linux: nf_conntrack_proto_tcp.c).

Law: the state table proposes; what the two ends may know better than we do is let through
without being believed; then the windows decide.

    parse -> first segment? -> table -> ignored | invalid | special -> window -> new state
"""

from __future__ import annotations

from pknet.netns.conntrack import status
from pknet.netns.conntrack.connection import Connection, Direction
from pknet.netns.conntrack.protocols import tcp_seen as flag
from pknet.netns.conntrack.protocols.tcp_move import (
    Move,
    answers_challenge,
    answers_ignored,
    hasten,
    ignore,
    in_train,
    may_reopen,
    simultaneous,
)
from pknet.netns.conntrack.protocols.tcp_seen import TcpState
from pknet.netns.conntrack.protocols.tcp_segment import Segment, after
from pknet.netns.conntrack.protocols.tcp_states import (
    RETRANS_TIMEOUT,
    SYN_SENT2_TIMEOUT,
    TABLE,
    TIMEOUT,
    UNACK_TIMEOUT,
    Kind,
    State,
)
from pknet.netns.conntrack.protocols.tcp_window import Fit, Window
from pknet.netns.conntrack.settings import Settings
from pknet.netns.conntrack.tracker import Answer, Arrival, Invalid, Reopen

#: A connection on its way out may have lost its meaning (Linux: tcp_can_early_drop).
_CLOSING = frozenset(
    {State.FIN_WAIT, State.CLOSE_WAIT, State.LAST_ACK, State.TIME_WAIT, State.CLOSE}
)


class Tcp:
    """Segments between two ports."""

    name = "tcp"
    allow_clash = False

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._timeouts = {state: settings.timeout(name) for state, name in TIMEOUT.items()}
        self._timeouts[State.SYN_SENT2] = SYN_SENT2_TIMEOUT
        self._retrans = settings.timeout(RETRANS_TIMEOUT)
        self._unacknowledged = settings.timeout(UNACK_TIMEOUT)

    def state(self, ct: Connection) -> str:
        """``ESTABLISHED``."""
        assert isinstance(ct.proto, TcpState)
        return ct.proto.state.name

    def packet(self, ct: Connection, arrival: Arrival, direction: Direction) -> Answer:
        """Linux: nf_conntrack_tcp_packet."""
        segment = Segment.parse(arrival.payload)
        if isinstance(segment, str):
            return Invalid(segment)
        if arrival.sum_is_wrong():
            return Invalid("bad TCP checksum")
        if not ct.status & status.CONFIRMED and not self._first(ct, segment):
            return Invalid("no connection begins with such a segment")
        tcp = ct.proto
        assert isinstance(tcp, TcpState)
        old = tcp.state
        new = TABLE[direction][segment.kind][old]
        if new is State.SYN_SENT and old >= State.TIME_WAIT and may_reopen(tcp, direction):
            ct.status |= status.DYING
            return Reopen()
        move = Move(ct, tcp, segment, direction, old, new)
        return self._proposed(move) or self._judged(move, arrival.now)

    def close(self, ct: Connection, now: int) -> None:
        """A rule has reset the connection (Linux: nf_conntrack_tcp_set_closing)."""
        if not isinstance(ct.proto, TcpState) or not ct.status & status.CONFIRMED:
            return
        if ct.proto.state is not State.CLOSE:
            ct.proto.state = State.CLOSE
            ct.refresh(now, self._timeouts[State.CLOSE])

    # --- the first segment

    def _first(self, ct: Connection, segment: Segment) -> bool:
        """Linux: tcp_new."""
        state = TABLE[Direction.ORIGINAL][segment.kind][State.NONE]
        if state is State.INVALID:
            return False
        tcp = TcpState()
        sender, receiver = tcp.sides
        if state is not State.SYN_SENT and not self.settings.tcp_loose:
            return False
        if state is State.SYN_SENT:
            sender.begin(segment)
        else:
            sender.end = segment.end
            sender.maxwin = segment.window or 1
            sender.maxend = segment.end + sender.maxwin & 0xFFFFFFFF
            sender.flags = receiver.flags = flag.SACK_PERM | flag.BE_LIBERAL
        ct.proto = tcp
        return True

    # --- what the table says

    def _proposed(self, move: Move) -> Invalid | None:
        """Sort out what needs more than the table. ``move`` may change."""
        if move.new is State.INVALID:
            words = f"{move.segment.kind.name} from the {move.direction.name.lower()} side"
            return Invalid(f"{words} in state {move.old.name}")
        if move.new is State.IGNORE or (move.new is State.SYN_SENT and move.old >= State.TIME_WAIT):
            ignore(move)
        elif move.new is State.TIME_WAIT and answers_challenge(move):
            move.tcp.last_flags &= ~flag.EXP_CHALLENGE_ACK
            move.done = True
        elif move.new is State.SYN_SENT2:
            move.tcp.last_flags |= flag.SIMULTANEOUS_OPEN
        elif move.new is State.SYN_RECV:
            simultaneous(move)
        elif move.segment.kind is Kind.RST:
            return self._reset(move)
        return None

    def _reset(self, move: Move) -> Invalid | None:
        """Whether to believe a RST (RFC 5961, section 3.2)."""
        tcp, segment = move.tcp, move.segment
        if move.old in _CLOSING:
            move.skip_window = True
            return None
        other = tcp.sides[move.direction.other]
        if other.flags & flag.MAXACK_SET and tcp.last_kind is not Kind.SYN:
            established = _established(move.ct, tcp)
            if segment.seq == 0 and not established:
                return None
            early = after(other.maxack, segment.seq)
            if early and not self.settings.tcp_ignore_invalid_rst:
                return Invalid("a RST for data that was acknowledged already")
            if not established or segment.seq == other.maxack or in_train(move):
                return None
            move.new = move.old  # the other side may answer with a challenge ACK
        move.skip_window = answers_ignored(move)
        return None

    # --- the window, and after

    def _judged(self, move: Move, now: int) -> Invalid | None:
        if move.done:
            return None
        if not move.skip_window:
            liberal = self.settings.tcp_be_liberal
            ruling = Window(move.tcp, move.direction, move.segment, liberal).judge()
            if ruling.fit is Fit.IGNORE:
                return None
            if ruling.fit is Fit.INVALID:
                hasten(move, now, self._unacknowledged)
                return Invalid(ruling.why)
        self._enter(move, now)
        return None

    def _enter(self, move: Move, now: int) -> None:
        """The segment is the connection's: take the new state."""
        ct, tcp = move.ct, move.tcp
        tcp.last_kind, tcp.last_dir = move.segment.kind, move.direction
        tcp.state = move.new
        if move.old is not move.new and move.new is State.FIN_WAIT:
            tcp.sides[move.direction].flags |= flag.CLOSE_INIT
        timeout = self._timeout(move)
        if not ct.status & status.SEEN_REPLY:
            if move.segment.kind is Kind.RST:
                ct.status |= status.DYING  # the only answer was a RST
                return
            if move.segment.kind is Kind.SYN and move.old is State.SYN_SENT:
                return  # a repeated SYN must not keep an entry alive for ever
            if move.new is State.ESTABLISHED:
                timeout = min(timeout, self._unacknowledged)
        elif move.new is State.ESTABLISHED and move.old in (State.SYN_RECV, State.ESTABLISHED):
            ct.status |= status.ASSURED
        ct.refresh(now, timeout)

    def _timeout(self, move: Move) -> int:
        tcp, usual = move.tcp, self._timeouts[move.new]
        if tcp.retrans >= self.settings.tcp_max_retrans and usual > self._retrans:
            return self._retrans
        if move.segment.kind is Kind.RST:
            return self._timeouts[State.CLOSE]
        if (tcp.sides[0].flags | tcp.sides[1].flags) & flag.DATA_UNACKNOWLEDGED:
            return min(usual, self._unacknowledged)
        return min(usual, self._retrans) if tcp.last_win == 0 else usual


def _established(ct: Connection, tcp: TcpState) -> bool:
    """Linux: nf_conntrack_tcp_established."""
    return tcp.state is State.ESTABLISHED and bool(ct.status & status.ASSURED)
