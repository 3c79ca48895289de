"""pknet: hosts on one switch, each pings each other; the whole process, ARP among it."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.network import one_switch, written
from bench.place import PROGRAMS, timed
from bench.row import Row, UndoneError, Unit


def pingall(hosts: int) -> float:
    """Seconds."""
    with TemporaryDirectory() as folder:
        topology = written(one_switch(hosts), Path(folder))
        seconds, text = timed([sys.executable, PROGRAMS / "pknet_pingall.py", topology])
    if text.split() != ["0", "of", str(hosts * (hosts - 1)), "lost"]:
        raise UndoneError(text)
    return seconds


ROWS = (Row("pingall", "pknet, pingall", Unit.SECONDS, 50, 4, pingall),)
