"""In the trace's words: why a connection threw a segment away, and what it did about that.

Law: each fate that is a discard has the word that Linux has for it; a fate without one was taken.
"""

from __future__ import annotations

from typing import NamedTuple

from pknet.netns.socket.tcp.fate import Fate, Treatment
from pknet.trace import Dropped, DropReason


class Discard(NamedTuple):
    """``words`` follow the name of the socket and its state."""

    reason: DropReason
    words: str


DISCARDS = {
    Fate.ABORTED: Discard(DropReason.TCP_ABORT_ON_DATA, "is read by nobody any more"),
    Fate.UNASKED: Discard(DropReason.TCP_FLAGS, "said nothing that this acknowledges"),
    Fate.INVALID_ACK_SEQUENCE: Discard(
        DropReason.TCP_INVALID_ACK_SEQUENCE, "waits for its SYN's ACK"
    ),
    Fate.OLD_SEQUENCE: Discard(DropReason.TCP_OLD_SEQUENCE, "has acknowledged more than this"),
    Fate.INVALID_SEQUENCE: Discard(DropReason.TCP_INVALID_SEQUENCE, "has no window there"),
    Fate.INVALID_END_SEQUENCE: Discard(
        DropReason.TCP_INVALID_END_SEQUENCE, "has unread data, and no window for the end of this"
    ),
    Fate.FLAGS: Discard(DropReason.TCP_FLAGS, "has no use for such flags"),
    Fate.INVALID_SYN: Discard(DropReason.TCP_INVALID_SYN, "is past the SYN"),
    Fate.RESET: Discard(DropReason.TCP_RESET, "expects a reset elsewhere"),
    Fate.TOO_OLD_ACK: Discard(DropReason.TCP_TOO_OLD_ACK, "heard that acknowledgement long ago"),
    Fate.ACK_UNSENT_DATA: Discard(
        DropReason.TCP_ACK_UNSENT_DATA, "never sent what it acknowledges"
    ),
    Fate.OLD_DATA: Discard(DropReason.TCP_OLD_DATA, "has this already"),
    Fate.OFOMERGE: Discard(DropReason.TCP_OFOMERGE, "keeps this already, until its turn"),
    Fate.ZEROWINDOW: Discard(DropReason.TCP_ZEROWINDOW, "has its window closed"),
    Fate.OVERWINDOW: Discard(DropReason.TCP_OVERWINDOW, "has no window there"),
}


#: The peer is to prove that it meant that (RFC 5961).
_CHALLENGED = (Fate.INVALID_SYN, Fate.RESET, Fate.TOO_OLD_ACK, Fate.ACK_UNSENT_DATA)


def dropped(discard: Discard, socket: str, answer: str) -> Dropped:
    """By ``socket``, which has its state behind it; ``answer``: what was done about it."""
    return Dropped(discard.reason, f"{socket} {discard.words}; {answer}")


def answer_in_words(treatment: Treatment) -> str:
    """What the connection itself said to it."""
    if not treatment.answered:
        return "nothing answers"
    return f"a{' challenge' if treatment.fate in _CHALLENGED else 'n'} ACK answers"
