"""What is wrong with a file, where, and what would be right.

Law: all faults of a file are reported together, in the order of their places.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from pknet.topology.place import Place


@dataclass(frozen=True, slots=True)
class Fault:
    """``file:line:col: path: what is wrong, what is allowed``; no path: the file as a whole."""

    place: Place
    path: str
    message: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (str(self.place), self.path, self.message)))


class TopologyError(ValueError):
    """A topology that cannot be used. ``str`` gives one line for each fault."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=_order))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def _order(fault: Fault) -> tuple[str, int, int, str, str]:
    place = fault.place
    return place.file, place.line, place.column, fault.path, fault.message


_SHOWN = 20  # names of a list
_WIDTH = 60  # characters of a text
_COMPARED = 100  # names that a near miss is looked for in: a bad file is not to take long


def near(word: str, known: Iterable[str]) -> str:
    """`` (did you mean 'mtu'?)``, or nothing."""
    close = difflib.get_close_matches(word[:_WIDTH], list(islice(known, _COMPARED)), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def listed(names: Iterable[str]) -> str:
    """``a, b, c``, or ``none``; of many, the first."""
    shown = list(names)
    more = f", … ({len(shown)} in all)" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more or "none"


def shown(text: str) -> str:
    """``text`` in quotes on one line, cut where it is long."""
    return repr(text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…")
