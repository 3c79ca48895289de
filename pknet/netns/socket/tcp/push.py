"""One go at sending what is allowed (Linux: a call of tcp_write_xmit).

Law: a chunk knows by which push it left, and a push how things were before it: what our own node
refuses is taken back to there (see unsent).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from pknet.netns.socket.tcp.usage import Figures


class Way(Enum):
    """How much leaves, and what may wait (Linux: push_one and nonagle of tcp_write_xmit)."""

    USUAL = auto()
    HURRY = auto()  # small segments, too (TCP_NAGLE_PUSH)
    ONE = auto()  # one chunk, even if a larger burst were worth waiting for
    PROBE = auto()  # one chunk, a segment of it even where the congestion window is full (TLP)
    WAKE = auto()  # what the peer's window takes, be it ever so small (tcp_write_wakeup)


@dataclass(slots=True)
class Push:
    """``begun``: the position from which on it sends; ``usage``: of the window, before it.

    ``then``: how the same system call pushes once more, whatever came of this.
    """

    way: Way
    begun: int
    usage: Figures
    then: Way | None = None
