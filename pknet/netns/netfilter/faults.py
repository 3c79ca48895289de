"""What is wrong with a rules text.

Law: every bad line is found in one go. Lines and columns count from 1 within the text; whoever
knows the file adds where the text stands in it.
"""

from __future__ import annotations

from collections.abc import Sequence
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
