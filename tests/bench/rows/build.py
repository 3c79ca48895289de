"""pknet: a cluster from its topology file, read, checked and wired; process start left out."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.network import cluster, written
from bench.row import Row, UndoneError, Unit
from pknet.lab.lab import Lab

PODS = 10


def build(nodes: int) -> float:
    """Seconds."""
    with TemporaryDirectory() as folder:
        Lab.load(written(cluster(2, PODS), Path(folder)))  # every module is loaded
        topology = written(cluster(nodes, PODS), Path(folder))
        start = time.perf_counter()
        lab = Lab.load(topology)
        seconds = time.perf_counter() - start
    if len(lab.nodes) != nodes * (PODS + 1) + 1:
        raise UndoneError(f"{len(lab.nodes)} nodes were built")
    return seconds


ROWS = (Row("build", "pknet, cluster of 10 pods a node", Unit.SECONDS, 100, 3, build),)
