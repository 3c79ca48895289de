"""The states of an SCTP association, seen from the middle (Linux: sctp_conntracks).

Law: the table is the kernel's, cell by cell.
"""

from __future__ import annotations

from enum import IntEnum

from pknet.sim.clock import SECOND


class State(IntEnum):
    """Linux: enum sctp_conntrack. INVALID is no state: what the table says of a chunk."""

    NONE = 0
    CLOSED = 1
    COOKIE_WAIT = 2
    COOKIE_ECHOED = 3
    ESTABLISHED = 4
    SHUTDOWN_SENT = 5
    SHUTDOWN_RECD = 6
    SHUTDOWN_ACK_SENT = 7
    HEARTBEAT_SENT = 8
    INVALID = 9


class ChunkType(IntEnum):
    """Chunk types that matter here (RFC 9260, section 3.2)."""

    DATA = 0
    INIT = 1
    INIT_ACK = 2
    HEARTBEAT = 4
    HEARTBEAT_ACK = 5
    ABORT = 6
    SHUTDOWN = 7
    SHUTDOWN_ACK = 8
    ERROR = 9
    COOKIE_ECHO = 10
    COOKIE_ACK = 11
    SHUTDOWN_COMPLETE = 14


_CODES = {
    "CL": State.CLOSED, "CW": State.COOKIE_WAIT, "CE": State.COOKIE_ECHOED,
    "ES": State.ESTABLISHED, "SS": State.SHUTDOWN_SENT, "SR": State.SHUTDOWN_RECD,
    "SA": State.SHUTDOWN_ACK_SENT, "HS": State.HEARTBEAT_SENT, "--": State.INVALID,
}  # fmt: skip

#: A row is a chunk, a column the state in which it comes, a cell the state it leads to.
_ORIGINAL = """
                     NO CL CW CE ES SS SR SA HS
  INIT               CL CL CW CE ES CL CL SA CW
  INIT_ACK           CL CL CW CE ES SS SR SA CL
  ABORT              CL CL CL CL CL CL CL CL CL
  SHUTDOWN           CL CL CW CE SS SS SR SA CL
  SHUTDOWN_ACK       SA CL CW CE ES SA SA SA SA
  ERROR              CL CL CW CE ES SS SR SA CL
  COOKIE_ECHO        CL CL CE CE ES SS SR SA CL
  COOKIE_ACK         CL CL CW ES ES SS SR SA CL
  SHUTDOWN_COMPLETE  CL CL CW CE ES SS SR CL CL
  HEARTBEAT          HS CL CW CE ES SS SR SA HS
  HEARTBEAT_ACK      CL CL CW CE ES SS SR SA HS
"""
_REPLY = """
                     NO CL CW CE ES SS SR SA HS
  INIT               -- CL CW CE ES SS SR SA --
  INIT_ACK           -- CW CW CE ES SS SR SA --
  ABORT              -- CL CL CL CL CL CL CL --
  SHUTDOWN           -- CL CW CE SR SS SR SA --
  SHUTDOWN_ACK       -- CL CW CE ES SA SA SA --
  ERROR              -- CL CW CL ES SS SR SA --
  COOKIE_ECHO        -- CL CE CE ES SS SR SA --
  COOKIE_ACK         -- CL CW ES ES SS SR SA --
  SHUTDOWN_COMPLETE  -- CL CW CE ES SS SR CL --
  HEARTBEAT          -- CL CW CE ES SS SR SA HS
  HEARTBEAT_ACK      -- CL CW CE ES SS SR SA ES
"""


def _rows(drawing: str) -> dict[int, tuple[State, ...]]:
    lines = [line.split() for line in drawing.strip().splitlines()[1:]]
    return {ChunkType[name]: tuple(_CODES[code] for code in cells) for name, *cells in lines}


#: TABLE[direction][chunk type][state]; a chunk without a row changes nothing.
TABLE = (_rows(_ORIGINAL), _rows(_REPLY))

#: The sysctl that says how long a state may last.
TIMEOUT = {
    State.CLOSED: "nf_conntrack_sctp_timeout_closed",
    State.COOKIE_WAIT: "nf_conntrack_sctp_timeout_cookie_wait",
    State.COOKIE_ECHOED: "nf_conntrack_sctp_timeout_cookie_echoed",
    State.ESTABLISHED: "nf_conntrack_sctp_timeout_established",
    State.SHUTDOWN_SENT: "nf_conntrack_sctp_timeout_shutdown_sent",
    State.SHUTDOWN_RECD: "nf_conntrack_sctp_timeout_shutdown_recd",
    State.SHUTDOWN_ACK_SENT: "nf_conntrack_sctp_timeout_shutdown_ack_sent",
    State.HEARTBEAT_SENT: "nf_conntrack_sctp_timeout_heartbeat_sent",
}
NO_STATE_TIMEOUT = 10 * SECOND  # where DATA alone leads to; no sysctl changes it
