"""The answer to a question about a flow: true or false, and why.

Law: it is a value, not an exception: ``not`` and ``or`` work on it, and a failed ``assert``
shows its words, and the frames that it speaks of.
"""

from __future__ import annotations

from collections.abc import Sequence

from pknet.trace import Tap


class Finding:
    """True or false, in words: ``not delivered to b1; r1: DROPPED IP_INNOROUTES: …``."""

    __slots__ = ("holds", "taps", "words")

    def __init__(self, holds: bool, words: str, taps: Sequence[Tap] = ()) -> None:
        self.holds = holds
        self.words = words
        self.taps = taps

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        return f"<{self.words}>"
