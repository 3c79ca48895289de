"""Lines made of styled pieces, and how they fold.

Law: a view decides what stands on a line and what role it plays; colours are for whoever paints
it, so that the same lines go to a terminal, a pipe and a failed assertion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum, auto
from textwrap import wrap
from typing import NamedTuple

NARROW = 80  # columns that are always enough


class Role(Enum):
    """What a piece of text is; a terminal gives each a look of its own."""

    PLAIN = auto()
    TITLE = auto()
    QUIET = auto()  # needed, but rarely what one looks for
    REWRITE = auto()  # an address was changed here
    DROP = auto()
    GOOD = auto()


class Piece(NamedTuple):
    """A stretch of one role."""

    text: str
    role: Role = Role.PLAIN


Line = tuple[Piece, ...]


def text_of(line: Line) -> str:
    """The bare text."""
    return "".join(piece.text for piece in line).rstrip()


def folded(start: Piece, pieces: Iterable[Piece], width: int, gap: str = "  ") -> Iterator[Line]:
    """``start``, then the pieces; what is too much for ``width`` goes on below, indented.

    A piece is never cut: one that is wider than the line stands alone.
    """
    indent = min(len(start.text) + 2, width // 3)
    line, used, space = [start], len(start.text), ""
    for piece in pieces:
        size = len(space) + len(piece.text.rstrip())
        if used + size > width and line[-1].text.strip():
            yield tuple(line)
            line, used, space = [Piece(" " * indent)], indent, ""
        line.append(Piece(space + piece.text, piece.role))
        used += len(space) + len(piece.text)
        space = gap
    yield tuple(line)


def paragraph(text: str, role: Role, width: int, indent: int) -> Iterator[Line]:
    """``text`` below a line: indented, broken between words, further lines two columns deeper."""
    first, other = " " * indent, " " * (indent + 2)
    for line in wrap(
        text, max(width, indent + 20), initial_indent=first, subsequent_indent=other,
        break_long_words=False, break_on_hyphens=False,
    ):  # fmt: skip
        yield (Piece(line, role),)


def both_ends(left: Piece, right: Piece, width: int) -> Iterator[Line]:
    """``left`` at the margin, ``right`` at the other one; below it, where there is no room."""
    room = width - len(left.text) - len(right.text)
    if room >= 2:
        yield (left, Piece(" " * room), right)
    else:
        yield (left,)
        yield from paragraph(right.text, right.role, width, 2)
