"""``ip -batch``: the same cluster on this machine's kernel; process starts left out.

One batch makes all links, and each namespace has one of its own. Among them are batches with
nothing in them, and what such a one takes is subtracted for each.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import fmean

from bench.network import cluster, text_of
from bench.row import Row, Unit
from bench.rows.kernel import missing
from pknet.kernel.commands import links_of, setup_of
from pknet.kernel.namespace import Namespace
from pknet.topology.load import load_text
from pknet.topology.spec import Spec

EVERY = 10  # batches, to one that is empty
NOT_PORTS = 2  # of the switch: lo and br0


def build(nodes: int) -> float:
    """Seconds, of making the namespaces and of all batches."""
    spec = load_text(text_of(cluster(nodes)), Path("cluster.yaml"))
    batches = {node.name: _text(setup_of(node)) for node in spec.nodes}
    start = time.perf_counter()
    made = {name: Namespace(name) for name in batches}
    seconds = time.perf_counter() - start
    try:
        return seconds + _batches(spec, made, batches)
    finally:
        _take_down(made, last=spec.nodes[nodes].name)


def _take_down(made: Mapping[str, Namespace], last: str) -> None:
    """Close them, and wait for the kernel to clean up, lest it does so beside the next row.

    ``last`` is the switch: its ports go when the nodes at their other ends do.
    """
    for name, namespace in made.items():
        if name != last:
            namespace.close()
    with made[last].entered():
        while len(socket.if_nameindex()) > NOT_PORTS:
            time.sleep(0.05)
    made[last].close()


def _batches(spec: Spec, made: Mapping[str, Namespace], batches: Mapping[str, str]) -> float:
    """Seconds, without those of starting ``ip``."""
    paths = {name: namespace.path for name, namespace in made.items()}
    seconds = _batch(next(iter(made.values())), _text(links_of(spec, paths)))
    starting = []
    for number, (name, text) in enumerate(batches.items()):
        if number % EVERY == 0:
            starting.append(_batch(made[name], ""))
        seconds += _batch(made[name], text)
    return seconds - fmean(starting) * (len(batches) + 1)


def _batch(namespace: Namespace, text: str) -> float:
    with namespace.entered():
        start = time.perf_counter()
        subprocess.run(["ip", "-batch", "-"], input=text.encode(), check=True)
        return time.perf_counter() - start


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


ROWS = (
    Row("ip-batch", "Linux itself, the same by ip -batch", Unit.SECONDS, 100, 2, build, missing,
        True),
)  # fmt: skip
