"""KNOWN_DIFFERENCES: what the fuzzer finds and pknet does not mend, each with its reason.

Law: empty is the goal. An entry says how to tell its cases from the topology alone, so that it
hides nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from fuzz.case import Document


class Known(NamedTuple):
    """``applies`` tells its cases by their topology; ``reason`` says why they differ."""

    reason: str
    applies: Callable[[Document], bool]


KNOWN_DIFFERENCES: tuple[Known, ...] = ()


def known(document: Document) -> Known | None:
    """The entry that this case falls under."""
    return next((entry for entry in KNOWN_DIFFERENCES if entry.applies(document)), None)
