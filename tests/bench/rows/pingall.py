"""pknet: hosts on one switch, each pings each other; the whole process, files and all."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.network import Document, one_switch, written
from bench.place import timed
from bench.row import Row, UndoneError, Unit


def pingall(hosts: int) -> float:
    """Seconds; every host asks for every other one's MAC, and all hear it."""
    return _whole(one_switch(hosts, acquainted=False), hosts)


def static_arp(hosts: int) -> float:
    """Seconds; all entries stand in the file."""
    return _whole(one_switch(hosts, acquainted=True), hosts)


def _whole(document: Document, hosts: int) -> float:
    with TemporaryDirectory() as folder:
        topology = written(document, Path(folder))
        seconds, text = timed(
            [sys.executable, "-m", "pknet", "run", topology, "--out", f"{folder}/captures"]
        )
    if f"{hosts * (hosts - 1)} answered, 0 lost" not in text:
        raise UndoneError(text[:1000])
    return seconds


ROWS = (
    Row("pingall", "pknet run, pingall, with ARP", Unit.SECONDS, 50, 4, pingall),
    Row("pingall-static", "pknet run, pingall, static ARP", Unit.SECONDS, 50, 4, static_arp),
)
