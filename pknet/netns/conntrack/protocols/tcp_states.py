"""The states of a TCP connection, seen from the middle (Linux: tcp_conntracks, tcp_timeouts).

Law: the table is the kernel's, cell by cell. We stand between two stacks: what we see may still
be lost on its way, and what we do not see never arrives.
"""

from __future__ import annotations

from enum import IntEnum

from pknet.sim.clock import SECOND
from pknet.wire.tcp import ACK, FIN, RST, SYN


class State(IntEnum):
    """Linux: enum tcp_conntrack. The last two are no states: what the table says of a packet."""

    NONE = 0
    SYN_SENT = 1
    SYN_RECV = 2
    ESTABLISHED = 3
    FIN_WAIT = 4
    CLOSE_WAIT = 5
    LAST_ACK = 6
    TIME_WAIT = 7
    CLOSE = 8
    SYN_SENT2 = 9
    INVALID = 10  # it cannot be part of the connection
    IGNORE = 11  # it may be, or the two ends know better than we: let it pass, believe nothing


class Kind(IntEnum):
    """What a segment counts as, by its flags (Linux: get_conntrack_index)."""

    SYN = 0
    SYN_ACK = 1
    FIN = 2
    ACK = 3
    RST = 4
    NONE = 5


def kind_of(flags: int) -> Kind:
    """RST counts before SYN, SYN before FIN, FIN before ACK."""
    if flags & RST:
        return Kind.RST
    if flags & SYN:
        return Kind.SYN_ACK if flags & ACK else Kind.SYN
    if flags & FIN:
        return Kind.FIN
    return Kind.ACK if flags & ACK else Kind.NONE


_CODES = {
    "SS": State.SYN_SENT, "SR": State.SYN_RECV, "ES": State.ESTABLISHED, "FW": State.FIN_WAIT,
    "CW": State.CLOSE_WAIT, "LA": State.LAST_ACK, "TW": State.TIME_WAIT, "CL": State.CLOSE,
    "S2": State.SYN_SENT2, "--": State.INVALID, "~~": State.IGNORE,
}  # fmt: skip

#: A row is a kind of segment, a column the state in which it comes, a cell the state it leads to.
_ORIGINAL = """
           NO SS SR ES FW CW LA TW CL S2
  SYN      SS SS ~~ ~~ ~~ ~~ ~~ SS SS S2
  SYN_ACK  -- -- SR -- -- -- -- -- -- SR
  FIN      -- -- FW FW LA LA LA TW CL --
  ACK      ES -- ES ES CW CW TW TW CL --
  RST      -- CL CL CL CL CL CL CL CL CL
  NONE     -- -- -- -- -- -- -- -- -- --
"""
_REPLY = """
           NO SS SR ES FW CW LA TW CL S2
  SYN      -- S2 -- -- -- -- -- SS -- S2
  SYN_ACK  -- SR ~~ ~~ ~~ ~~ ~~ ~~ ~~ SR
  FIN      -- -- FW FW LA LA LA TW CL --
  ACK      -- ~~ SR ES CW CW TW TW CL ~~
  RST      -- CL CL CL CL CL CL CL CL CL
  NONE     -- -- -- -- -- -- -- -- -- --
"""


def _rows(drawing: str) -> tuple[tuple[State, ...], ...]:
    lines = [line.split() for line in drawing.strip().splitlines()[1:]]
    return tuple(tuple(_CODES[code] for code in cells) for _, *cells in lines)


#: TABLE[direction][kind][state]
TABLE = (_rows(_ORIGINAL), _rows(_REPLY))

#: The sysctl that says how long a state may last.
TIMEOUT = {
    State.SYN_SENT: "nf_conntrack_tcp_timeout_syn_sent",
    State.SYN_RECV: "nf_conntrack_tcp_timeout_syn_recv",
    State.ESTABLISHED: "nf_conntrack_tcp_timeout_established",
    State.FIN_WAIT: "nf_conntrack_tcp_timeout_fin_wait",
    State.CLOSE_WAIT: "nf_conntrack_tcp_timeout_close_wait",
    State.LAST_ACK: "nf_conntrack_tcp_timeout_last_ack",
    State.TIME_WAIT: "nf_conntrack_tcp_timeout_time_wait",
    State.CLOSE: "nf_conntrack_tcp_timeout_close",
}
SYN_SENT2_TIMEOUT = 120 * SECOND  # no sysctl changes it
RETRANS_TIMEOUT = "nf_conntrack_tcp_timeout_max_retrans"  # after tcp_max_retrans repetitions
UNACK_TIMEOUT = "nf_conntrack_tcp_timeout_unacknowledged"  # while data waits to be acknowledged
