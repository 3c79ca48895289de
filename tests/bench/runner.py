"""All rows in turn, round after round.

Law: rows take turns, so that whatever else the machine does falls on all of them alike; each
measurement has a process of its own, so that none inherits another's heap.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.place import output
from bench.row import Row

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Result:
    """A row's figures, one of each round; or, where there are none, what is ``missing``."""

    row: Row
    size: int
    figures: tuple[float, ...] = ()
    missing: str | None = None

    @property
    def median(self) -> float:
        """Of all rounds."""
        return median(self.figures)


def run(
    rows: Sequence[Row], rounds: int, tell: Callable[[str], object], *, tiny: bool = False
) -> list[Result]:
    """Measure; ``tell`` hears of each figure. Raises UndoneError where a job fails."""
    sizes = {row.name: row.tiny if tiny else row.size for row in rows}
    missing = {row.name: row.missing() for row in rows}
    here = [row for row in rows if missing[row.name] is None]
    figures: dict[str, list[float]] = {row.name: [] for row in rows}
    for number in range(1, rounds + 1):
        for row in here:
            figure = _measure(row, sizes[row.name])
            figures[row.name].append(figure)
            tell(f"round {number} of {rounds}: {row.name}: {figure:.6g} {row.unit.text}")
    return [
        Result(row, sizes[row.name], tuple(figures[row.name]), missing[row.name]) for row in rows
    ]


def _measure(row: Row, size: int) -> float:
    return float(output([sys.executable, "-m", "bench.job", row.name, str(size)]))
