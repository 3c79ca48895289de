"""Datagrams from a1 to b1 and their answers, one exchange every virtual millisecond.

Law: one exchange is one packet in every figure, though it crosses the network twice; one that
is not answered is an error.
"""

from __future__ import annotations

import time

from bench.network import PORT, SERVER, SIZE, cross_node
from bench.row import UndoneError
from pknet.lab.lab import Lab

ONE_FLOW = 40_000
NEW_FLOWS = "new"


def exchanges(count: int, sport: int | str) -> Lab:
    """A network that is to carry them, from one source port, or each from a new one."""
    return Lab(cross_node({
        "udp": f"{SERVER}:{PORT}", "from": "a1", "sport": sport, "payload": {"bytes": SIZE},
        "count": count,
    }))  # fmt: skip


def played(lab: Lab) -> float:
    """Seconds on the wall."""
    start = time.perf_counter()
    (result,) = lab.run()
    seconds = time.perf_counter() - start
    if ", 0 lost" not in result.summary:
        raise UndoneError(result.summary)
    return seconds
