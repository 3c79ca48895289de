"""What becomes of a segment that was given to one end of a connection.

Law: Linux has a word for each way to throw one away (include/net/dropreason-core.h), and what it
frees without a word (a bare acknowledgement, a reset that counts) was taken. A fate is told
apart from another only where Linux's word, or what is done about it, is another.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple


class Fate(Enum):
    """All but the first two are discards; what was to be said of them is said, but for resets."""

    TAKEN = auto()  # it was looked at; what is to be said is said
    REOPENS = auto()  # a SYN that may begin anew where a connection lingers (TCP_TW_SYN)
    # A reset is to answer (Linux: tcp_v4_send_reset):
    REFUSED = auto()  # nobody wants it, and Linux has no word for that
    ABORTED = auto()  # data for a user who has gone (TCP_ABORT_ON_DATA)
    UNASKED = auto()  # it acknowledges what a listener never said (TCP_FLAGS)
    INVALID_ACK_SEQUENCE = auto()  # it does not acknowledge our SYN
    # Where it lies (tcp_sequence):
    OLD_SEQUENCE = auto()  # all of it was acknowledged
    INVALID_SEQUENCE = auto()  # it begins beyond the window
    INVALID_END_SEQUENCE = auto()  # it ends beyond the window, and there is unread data
    # What it is (tcp_validate_incoming):
    FLAGS = auto()  # neither SYN, ACK nor RST, or not what is waited for
    INVALID_SYN = auto()  # the handshake is over
    RESET = auto()  # it is not exact
    # What it acknowledges (tcp_ack):
    TOO_OLD_ACK = auto()  # more than a window ago
    ACK_UNSENT_DATA = auto()  # never sent
    # What it brings (tcp_data_queue):
    OLD_DATA = auto()  # all of it is here
    OFOMERGE = auto()  # all of it is here, and waits for its turn
    ZEROWINDOW = auto()  # it is its turn, and the window is closed
    OVERWINDOW = auto()  # it begins where the window ends; or a request has no use for it

    @property
    def resets(self) -> bool:
        """A reset is to answer."""
        return self in _RESETS


class Treatment(NamedTuple):
    """``answered``: the connection said something at once."""

    fate: Fate
    answered: bool


_RESETS = frozenset({Fate.REFUSED, Fate.ABORTED, Fate.UNASKED, Fate.INVALID_ACK_SEQUENCE})
