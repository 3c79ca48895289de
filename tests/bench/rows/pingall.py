"""pknet: hosts on one switch, each pings each other; the whole process."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.network import Document, one_switch, written
from bench.place import PROGRAMS, timed
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
        seconds, text = timed([sys.executable, PROGRAMS / "pknet_pingall.py", topology])
    if text.split() != ["0", "of", str(hosts * (hosts - 1)), "lost"]:
        raise UndoneError(text)
    return seconds


ROWS = (
    Row("pingall", "pknet, pingall, with ARP", Unit.SECONDS, 50, 4, pingall),
    Row("pingall-static", "pknet, pingall, static ARP", Unit.SECONDS, 50, 4, static_arp),
)
