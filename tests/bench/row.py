"""What is measured: a job, its unit, and how large it is.

Law: a measurement checks that its job was done; a figure for half a job is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Unit(Enum):
    """Of a figure; ``more`` is better, or less."""

    RATE = ("packets/s", True)
    SECONDS = ("s", False)
    BYTES = ("bytes", False)

    def __init__(self, text: str, more: bool) -> None:
        self.text = text
        self.more = more


class UndoneError(Exception):
    """The job was not done: packets were lost, or a program failed."""


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Row:
    """``measure(size)`` gives one figure in ``unit``; it is called in a process of its own.

    ``size`` is the job's own measure (packets, hosts, runs), ``tiny`` one that shows that it
    works. ``missing`` says what has to be installed, or None. ``kernel``: it needs namespaces.
    """

    name: str
    title: str
    unit: Unit
    size: int
    tiny: int
    measure: Callable[[int], float]
    missing: Callable[[], str | None] = _nothing
    kernel: bool = False
