"""Lines to standard output: in colour on a terminal, bare in a pipe.

Law: what is piped is the same text on every machine: 80 columns, unless COLUMNS says otherwise.
NO_COLOR (https://no-color.org) and TERM=dumb make a terminal a pipe with its own width.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from shutil import get_terminal_size
from typing import TypeVar

from pknet.report.layout import NARROW, Line, text_of

T = TypeVar("T")

LEAST = 40  # columns below which nothing is laid out any more


def width() -> int:
    """Columns to lay out for."""
    return max(LEAST, get_terminal_size((NARROW, 0)).columns)


def put(lines: Iterable[Line]) -> None:
    """Print laid-out lines."""
    if in_colour():
        from pknet.cli.colour import paint

        _as_long_as_someone_reads(paint, lines)
    else:
        put_plain(text_of(line) for line in lines)


def put_plain(lines: Iterable[str]) -> None:
    """Print lines as they are."""
    _as_long_as_someone_reads(sys.stdout.writelines, (f"{line}\n" for line in lines))


def _as_long_as_someone_reads(write: Callable[[Iterable[T]], object], lines: Iterable[T]) -> None:
    """A reader who has seen enough (``| head``) is no fault, and changes no exit status.

    Standard output is pointed elsewhere then, or the interpreter would complain when it flushes.
    Raises OSError, naming standard output, where it cannot be written for another reason.
    """
    try:
        write(lines)
        sys.stdout.flush()
    except BrokenPipeError:
        _point_elsewhere()
    except OSError as error:
        _point_elsewhere()
        raise OSError(error.errno, error.strerror, "standard output") from None


def _point_elsewhere() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def in_colour() -> bool:
    """Whether standard output shows colours, and its owner wants them."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return not plain and sys.stdout.isatty()


def warn(warnings: Iterable[str]) -> None:
    """Say on standard error what is odd, but no fault."""
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
