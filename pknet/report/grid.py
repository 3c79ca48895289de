"""A table of marks in the width of a page.

Law: nothing is left out. Names that are too wide to stand over their columns are written
downwards; columns that still find no room go on in another table below, with the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from pknet.lab.grid import Grid, Mark
from pknet.report.layout import Line, Piece, Role

_ROLES = {
    Mark.REACHED: Role.GOOD, Mark.LOST: Role.DROP, Mark.INTRUDED: Role.DROP,
    Mark.KEPT_OUT: Role.QUIET, Mark.NOT_ASKED: Role.QUIET,
}  # fmt: skip
_LEAST = 10  # columns of a table, however wide the names of its rows


def grid_lines(grid: Grid, width: int, indent: int = 2) -> Iterator[Line]:
    """The table, or so many as are needed, with an empty line between them."""
    label = max(len(name) for name in (grid.corner, *grid.rows))
    room = max(width - indent - label, _LEAST)
    cell = max(len(name) for name in grid.columns) + 2
    if cell * len(grid.columns) > room:
        cell = 2 if 2 * len(grid.columns) <= room else 1
        room -= 1
    each = max(room // cell, 1)
    for first in range(0, len(grid.columns), each):
        if first:
            yield ()
        yield from _table(grid, slice(first, first + each), label + indent, cell, indent)


def _table(grid: Grid, part: slice, label: int, cell: int, indent: int) -> Iterator[Line]:
    names = grid.columns[part]
    gap = " " if cell == 1 else ""
    heads = [names] if cell > 2 else _downwards(names)
    for number, row in enumerate(heads, 1):
        corner = grid.corner if number == len(heads) else ""
        text = "".join(name.rjust(cell) for name in row)
        yield (Piece(f"{' ' * indent}{corner}".ljust(label) + gap + text, Role.QUIET),)
    for name, marks in zip(grid.rows, grid.marks, strict=True):
        start = Piece(f"{' ' * indent}{name}".ljust(label) + gap)
        yield (start, *(Piece(mark.value.rjust(cell), _ROLES[mark]) for mark in marks[part]))


def _downwards(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Each name as a column of letters, all ending on the same line."""
    letters = zip_longest(*(reversed(name) for name in names), fillvalue=" ")
    return list(reversed(list(letters)))
