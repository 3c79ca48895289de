"""What becomes of a segment that was given to one end of a connection."""

from __future__ import annotations

from enum import Enum, auto

from pknet.trace import DropReason


class Fate(Enum):
    """The socket layer acts on REFUSED, ABORTED and REOPENS.

    Those in DISCARDED are: what is to be said about it is said.
    """

    TAKEN = auto()  # it was looked at; what is to be said is said
    REFUSED = auto()  # nobody wants it: a reset answers (Linux: tcp_v4_send_reset)
    ABORTED = auto()  # data for a user who has gone: a reset answers (TCP_ABORT_ON_DATA)
    OLD_SEQUENCE = auto()  # it ends before the window
    INVALID_SEQUENCE = auto()  # it begins beyond the window
    INVALID_END_SEQUENCE = auto()  # it ends beyond the window, and something is unread
    RESET = auto()  # a reset that is not exact
    FLAGS = auto()  # neither ACK nor RST nor SYN
    INVALID_SYN = auto()
    TOO_OLD_ACK = auto()
    ACK_UNSENT_DATA = auto()
    OLD_DATA = auto()
    ZEROWINDOW = auto()
    OVERWINDOW = auto()
    OFOMERGE = auto()  # it came early before
    REOPENS = auto()  # a SYN that may begin anew where a connection lingers (TCP_TW_SYN)


#: What an open connection takes in and discards, by what Linux calls that.
DISCARDED = {
    Fate.OLD_SEQUENCE: DropReason.TCP_OLD_SEQUENCE,
    Fate.INVALID_SEQUENCE: DropReason.TCP_INVALID_SEQUENCE,
    Fate.INVALID_END_SEQUENCE: DropReason.TCP_INVALID_END_SEQUENCE,
    Fate.RESET: DropReason.TCP_RESET,
    Fate.FLAGS: DropReason.TCP_FLAGS,
    Fate.INVALID_SYN: DropReason.TCP_INVALID_SYN,
    Fate.TOO_OLD_ACK: DropReason.TCP_TOO_OLD_ACK,
    Fate.ACK_UNSENT_DATA: DropReason.TCP_ACK_UNSENT_DATA,
    Fate.OLD_DATA: DropReason.TCP_OLD_DATA,
    Fate.ZEROWINDOW: DropReason.TCP_ZEROWINDOW,
    Fate.OVERWINDOW: DropReason.TCP_OVERWINDOW,
    Fate.OFOMERGE: DropReason.TCP_OFOMERGE,
}
