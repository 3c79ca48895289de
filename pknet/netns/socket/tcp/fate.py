"""What becomes of a segment that was given to one end of a connection."""

from __future__ import annotations

from enum import Enum, auto


class Fate(Enum):
    """The socket layer acts on the last three."""

    TAKEN = auto()  # it was looked at; what is to be said is said
    REFUSED = auto()  # nobody wants it: a reset answers (Linux: tcp_v4_send_reset)
    ABORTED = auto()  # data for a user who has gone: a reset answers (TCP_ABORT_ON_DATA)
    REOPENS = auto()  # a SYN that may begin anew where a connection lingers (TCP_TW_SYN)
