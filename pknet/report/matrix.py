"""Who reaches what, as people and as machines read it.

    to \\ from                     a1  a2  b1  b2
    b1:8080/tcp                    +   +   .   +
    default/web:http 172.30.0.1…   +   x   +   +

Law: the table says everything; below it stands only what is not as expected, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from pknet.lab.grid import Grid, Mark
from pknet.lab.probe import Reached
from pknet.report.grid import grid_lines
from pknet.report.layout import Line, Piece, Role, paragraph
from pknet.topology.pairs import Pairs

#: By whether it was reached, and whether that was expected.
_MARKS = {
    (True, True): Mark.REACHED, (False, True): Mark.LOST,
    (True, False): Mark.INTRUDED, (False, False): Mark.KEPT_OUT,
}  # fmt: skip
_LEGEND = {
    Mark.REACHED: "reached", Mark.KEPT_OUT: "not reached, as expected",
    Mark.LOST: "NOT REACHED", Mark.INTRUDED: "REACHED, AND SHOULD NOT BE",
    Mark.NOT_ASKED: "itself",
}  # fmt: skip


def matrix_lines(asked: Pairs, found: Sequence[Reached], width: int) -> Iterator[Line]:
    """The table, what its marks mean, the sum, and each pair that is not as expected."""
    grid = _grid(asked, found)
    yield from grid_lines(grid, width, indent=0)
    yield ()
    used = {mark for row in grid.marks for mark in row}
    legend = ", ".join(f"{mark.value} {words}" for mark, words in _LEGEND.items() if mark in used)
    yield from paragraph(legend, Role.QUIET, width, 0)
    wrong = [one for one in found if not one.as_expected]
    reached = sum(one.reached for one in found)
    words = f"{len(found)} pairs, {reached} reached; {len(wrong) or 'none'} not as expected"
    yield (Piece(words, Role.DROP if wrong else Role.GOOD),)
    for one in wrong:
        yield from paragraph(_why(one), Role.DROP, width, 2)


def matrix_json(found: Sequence[Reached]) -> Iterator[str]:
    """A line of JSON for each pair, in order."""
    for one in found:
        target = one.pair.target
        yield json.dumps({
            "from": one.pair.source, "to": target.name, "protocol": target.protocol,
            "address": str(target.address), "port": target.port or None, "reached": one.reached,
            "expected": one.pair.expected, "outcome": one.outcome, "dropped": one.dropped,
        })  # fmt: skip


def _why(one: Reached) -> str:
    wanted = "" if one.pair.expected else " (should not be reached)"
    died = "" if one.dropped is None else f"; {one.dropped}"
    return f"{one.pair.source} -> {one.pair.target.label}{wanted}: {one.outcome}{died}"


def _grid(asked: Pairs, found: Sequence[Reached]) -> Grid:
    marks = {
        (one.pair.source, one.pair.target.name): _MARKS[one.reached, one.pair.expected]
        for one in found
    }
    return Grid(
        "to \\ from",
        tuple(target.label for target in asked.targets),
        asked.sources,
        tuple(
            tuple(marks.get((source, target.name), Mark.NOT_ASKED) for source in asked.sources)
            for target in asked.targets
        ),
    )
