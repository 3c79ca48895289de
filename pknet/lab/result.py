"""What one traffic item came to."""

from __future__ import annotations

from dataclasses import dataclass

from pknet.lab.grid import Grid
from pknet.topology.item import Traffic


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One item's outcome, in the words that the trace prints.

    ``failure`` is why its expectation does not hold; None where it holds, or where none was
    given. ``bulk``: of so many packets that a report tells the first ones alone; ``grid`` is a
    table of them. In the order in which items began, they are what packets go back to, counted
    from 1 (``Trace.cause``).
    """

    item: Traffic
    title: str  # "tcp a1 -> 172.30.0.1:80"
    summary: str  # 'connected, received "pong"'
    failure: str | None = None
    bulk: bool = False
    grid: Grid | None = None
