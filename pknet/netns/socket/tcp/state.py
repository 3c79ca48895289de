"""The states of a connection (RFC 9293, section 3.3.2, figure 5).

Law: the table is the whole of it. A state changes by an event that stands in its row, and by
nothing else; a pair without a cell is an error of the caller's, not of the peer's.
"""

from __future__ import annotations

from enum import Enum, auto


class State(Enum):
    """The name is RFC 9293's, the value what ``ss`` prints."""

    CLOSED = "CLOSED"
    SYN_SENT = "SYN-SENT"
    SYN_RECEIVED = "SYN-RECV"
    ESTABLISHED = "ESTAB"
    FIN_WAIT_1 = "FIN-WAIT-1"
    FIN_WAIT_2 = "FIN-WAIT-2"
    CLOSE_WAIT = "CLOSE-WAIT"
    CLOSING = "CLOSING"
    LAST_ACK = "LAST-ACK"
    TIME_WAIT = "TIME-WAIT"


class Event(Enum):
    """What moves a connection."""

    CONNECT = auto()  # the user opens actively
    ACCEPT = auto()  # a SYN came to a listener
    SHUTDOWN = auto()  # the user will send no more
    SYN = auto()  # a SYN without an ACK came while ours is under way: simultaneous open
    SYN_ACK = auto()  # the answer to our SYN
    ACK_OF_SYN = auto()
    FIN = auto()  # the peer will send no more
    ACK_OF_FIN = auto()
    EXPIRED = auto()  # the time that a closed connection lingers
    ABORT = auto()  # a reset, either way, or giving up


_S, _E = State, Event

#: TABLE[state][event] is the next state.
TABLE: dict[State, dict[Event, State]] = {
    _S.CLOSED: {_E.CONNECT: _S.SYN_SENT, _E.ACCEPT: _S.SYN_RECEIVED},
    _S.SYN_SENT: {
        _E.SYN: _S.SYN_RECEIVED,
        _E.SYN_ACK: _S.ESTABLISHED,
        _E.SHUTDOWN: _S.CLOSED,
        _E.ABORT: _S.CLOSED,
    },
    _S.SYN_RECEIVED: {
        _E.ACK_OF_SYN: _S.ESTABLISHED,
        _E.SHUTDOWN: _S.FIN_WAIT_1,
        _E.FIN: _S.CLOSE_WAIT,
        _E.ABORT: _S.CLOSED,
    },
    _S.ESTABLISHED: {
        _E.SHUTDOWN: _S.FIN_WAIT_1,
        _E.FIN: _S.CLOSE_WAIT,
        _E.ABORT: _S.CLOSED,
    },
    _S.FIN_WAIT_1: {
        _E.ACK_OF_FIN: _S.FIN_WAIT_2,
        _E.FIN: _S.CLOSING,
        _E.ABORT: _S.CLOSED,
    },
    _S.FIN_WAIT_2: {_E.FIN: _S.TIME_WAIT, _E.EXPIRED: _S.CLOSED, _E.ABORT: _S.CLOSED},
    _S.CLOSE_WAIT: {_E.SHUTDOWN: _S.LAST_ACK, _E.ABORT: _S.CLOSED},
    _S.CLOSING: {_E.ACK_OF_FIN: _S.TIME_WAIT, _E.ABORT: _S.CLOSED},
    _S.LAST_ACK: {_E.ACK_OF_FIN: _S.CLOSED, _E.ABORT: _S.CLOSED},
    _S.TIME_WAIT: {_E.EXPIRED: _S.CLOSED, _E.ABORT: _S.CLOSED},
}

#: The handshake is not done.
OPENING = frozenset({_S.SYN_SENT, _S.SYN_RECEIVED})
#: The user may write.
WRITABLE = OPENING | {_S.ESTABLISHED, _S.CLOSE_WAIT}


def after(state: State, event: Event) -> State:
    """The next state. Raises KeyError (state, event) where the table has no cell."""
    row = TABLE[state]
    if event not in row:
        raise KeyError((state, event))
    return row[event]
