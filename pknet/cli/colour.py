"""What each role looks like on a terminal. Imported only where there is one."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from pknet.report.layout import Line, Role

STYLES = {
    Role.PLAIN: "",
    Role.TITLE: "bold",
    Role.QUIET: "dim",
    Role.REWRITE: "yellow",
    Role.DROP: "bold red",
    Role.GOOD: "green",
}


def paint(lines: Iterable[Line]) -> None:
    """Print in colour; the lines are as wide as they are."""
    console = Console(highlight=False, soft_wrap=True)
    for line in lines:
        console.print(Text.assemble(*((piece.text, STYLES[piece.role]) for piece in line)))
