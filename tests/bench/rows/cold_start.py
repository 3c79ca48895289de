"""From nothing to a printed trace: the whole process, the files it writes among it."""

from __future__ import annotations

import sys
from statistics import median
from tempfile import TemporaryDirectory

from bench.place import TOPOLOGIES, timed
from bench.row import Row, UndoneError, Unit


def cold_start(runs: int) -> float:
    """Seconds, the median of ``runs``."""
    return median(_once() for _ in range(runs))


def _once() -> float:
    topology = TOPOLOGIES / "cross-node.yaml"
    with TemporaryDirectory() as folder:
        seconds, text = timed(
            [sys.executable, "-m", "pknet", "run", topology, "--out", folder]
        )  # fmt: skip
    if "DELIVERED" not in text:
        raise UndoneError(f"no trace was printed: {text[:200]!r}")
    return seconds


ROWS = (Row("cold-start", "pknet run topologies/cross-node.yaml", Unit.SECONDS, 5, 1, cold_start),)
