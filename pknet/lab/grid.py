"""Who reaches whom, as a table of marks: a value, that reports lay out.

Law: every row has a mark for every column.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Mark(Enum):
    """What stands in a cell."""

    REACHED = "+"
    LOST = "x"
    KEPT_OUT = "-"  # not reached, and not to be
    INTRUDED = "!"  # reached, and not to be
    NOT_ASKED = "."


@dataclass(frozen=True, slots=True)
class Grid:
    """``marks[row][column]``; ``corner`` says what rows and columns are."""

    corner: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    marks: tuple[tuple[Mark, ...], ...]
