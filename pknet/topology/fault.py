"""What is wrong with a file, where, and what would be right.

Law: all faults of a file are reported together, in the order of their places.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from pknet.topology.spec import Place


@dataclass(frozen=True, slots=True)
class Fault:
    """``file:line:col: path: what is wrong, what is allowed``."""

    place: Place
    path: str
    message: str

    def __str__(self) -> str:
        return (
            f"{self.place}: {self.path}: {self.message}"
            if self.path
            else (f"{self.place}: {self.message}")
        )


class TopologyError(ValueError):
    """A topology that cannot be used. ``str`` gives one line for each fault."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(
            sorted(faults, key=lambda f: (f.place.line, f.place.column, f.path, f.message))
        )
        super().__init__("\n".join(str(fault) for fault in self.faults))


def near(word: str, known: Iterable[str]) -> str:
    """`` (did you mean 'mtu'?)``, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
