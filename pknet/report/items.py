"""The trace of a run: each item's heading, and under it what the item sent and caused.

Law: every frame is told once, in order, under the item that it goes back to, though others were
under way at the same time; what goes back to none comes before them all. Times count from an
item's first frame. Nothing stands here that the trace does not hold.

    tcp a1 -> 172.30.0.1:80                        connected, received "pong"
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from pknet.lab.grid import Grid
from pknet.report.grid import grid_lines
from pknet.report.layout import Line, Piece, Role, both_ends, paragraph
from pknet.report.story import stories
from pknet.report.text import TapWriter
from pknet.trace import Trace

WIDE = 100  # columns: an outcome further off no longer belongs to its title


class Item(Protocol):
    """What is told of a traffic item (pknet.lab.result.ItemResult)."""

    @property
    def number(self) -> int:
        """What its packets go back to."""

    @property
    def title(self) -> str:
        """What was to happen: ``ping a1 -> 10.1.2.1``."""

    @property
    def summary(self) -> str:
        """What came of it."""

    @property
    def failure(self) -> str | None:
        """Why its expectation does not hold; None: it does."""

    @property
    def bulk(self) -> bool:
        """Whether it is many packets."""

    @property
    def grid(self) -> Grid | None:
        """Who reached whom, where it asked that."""


def run_lines(
    trace: Trace, items: Sequence[Item], width: int, detail: bool = False
) -> Iterator[Line]:
    """A whole run, item by item."""
    nobodys, told = stories(trace, {item.number: item.bulk for item in items})
    every = (nobodys, *told.values())
    writer = TapWriter([tap for story in every for tap in story.taps], width, detail)
    if trace.taps:
        yield writer.heading()
    yield from writer.lines(nobodys.taps)
    for item in items:
        story = told[item.number]
        yield ()
        yield from heading(item, width)
        yield from writer.lines(story.taps)
        if others := story.others(trace.caused(item.number)):
            yield from paragraph(others, Role.QUIET, width, 2)


def heading(item: Item, width: int) -> Iterator[Line]:
    """Title and outcome; why the expectation does not hold, where it does not; the table."""
    role = Role.TITLE if item.failure is None else Role.DROP
    yield from both_ends(Piece(item.title, Role.TITLE), Piece(item.summary, role), min(width, WIDE))
    if item.failure is not None:
        yield from paragraph(f"FAILED: {item.failure}", Role.DROP, width, 2)
    if item.grid is not None:
        yield from grid_lines(item.grid, width)
