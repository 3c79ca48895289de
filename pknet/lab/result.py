"""What one traffic item came to."""

from __future__ import annotations

from dataclasses import dataclass

from pknet.lab.grid import Grid
from pknet.topology.item import Traffic


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One item's outcome, in the words that the trace prints.

    ``number`` is what the packets that it sent and caused go back to (``Trace.cause``).
    ``failure`` is why its expectation does not hold; None where it holds, or where none was
    given. ``bulk``: of so many packets that a report tells the first ones alone; ``grid`` is a
    table of them.
    """

    number: int
    item: Traffic
    title: str  # "tcp a1 -> 172.30.0.1:80"
    summary: str  # 'connected, received "pong"'
    told: str  # "connected, received b'pong'": what its program knows
    failure: str | None = None
    bulk: bool = False
    grid: Grid | None = None
