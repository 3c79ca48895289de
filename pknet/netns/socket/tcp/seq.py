"""Sequence numbers (RFC 9293, section 3.4).

Law: they wrap only on the wire. Inside, a position counts from the initial sequence number, which
is 0, and never wraps: positions are plain integers to compare and subtract.
"""

from __future__ import annotations

MASK = 0xFFFFFFFF
_HALF = 1 << 31


def wire(initial: int, position: int) -> int:
    """``position`` as the 32 bits that a header carries."""
    return (initial + position) & MASK


def position(initial: int, number: int, near: int) -> int:
    """The position that the 32 bits ``number`` mean: the one closest to ``near``."""
    return near + ((number - initial - near + _HALF) & MASK) - _HALF
