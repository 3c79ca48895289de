"""What a peer's numbers mean to us.

Law: inside, positions count from the SYN, which is 0, and never wrap; on the wire they are
numbers from a random start, modulo 2**32 (RFC 9293, section 3.4).
"""

from __future__ import annotations

from pknet.netns.socket.tcp.segment import Segment
from pknet.netns.socket.tcp.seq import position
from pknet.wire.tcp import SYN


class Numbers:
    """``iss`` and ``irs``: our initial number and the peer's; ``scale``: the peer's windows'."""

    def __init__(self, iss: int) -> None:
        self.iss = iss
        self.irs = 0
        self.scale = 0

    def start(self, segment: Segment, expected: int) -> int:
        """Where ``segment`` begins, by the peer's count; it should at ``expected``."""
        return position(self.irs, segment.seq, expected)

    def acknowledged(self, segment: Segment, sent: int) -> int:
        """What it acknowledges, by our count; ``sent`` is the most it may."""
        return position(self.iss, segment.ack, sent)

    def blocks(self, segment: Segment, sent: int) -> list[tuple[int, int]]:
        """What it acknowledges selectively, by ours; nonsense is left out."""
        found = []
        for left, right in segment.options.sacks:
            start, end = position(self.iss, left, sent), position(self.iss, right, sent)
            if start < end <= sent:
                found.append((start, end))
        return found

    def window(self, segment: Segment) -> int:
        """What it offers; a SYN's window is never scaled (RFC 7323, section 2.2)."""
        return segment.window << (0 if segment.flags & SYN else self.scale)
