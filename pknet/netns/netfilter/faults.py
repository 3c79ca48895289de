"""What is wrong with a rules text.

Law: every bad line is found in one go. Lines and columns count from 1 within the text; whoever
knows the file adds where the text stands in it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleFault:
    """One bad line of the text ``source``: "iptables" or "ipset"."""

    line: int
    column: int
    message: str
    source: str = "iptables"

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}: {self.message}"


class RulesError(ValueError):
    """A rules text that cannot be loaded."""

    def __init__(self, faults: Sequence[RuleFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class LineError(ValueError):
    """What ends the reading of one line, at ``column``."""

    def __init__(self, column: int, message: str) -> None:
        self.column = column
        super().__init__(message)


def near(word: str, known: Iterable[str]) -> str:
    """`` (did you mean 'X'?)``, or nothing where no known word is close."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
