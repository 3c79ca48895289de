"""pknet, device by device: one flow, every hop recorded; with captures and without."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.exchange import ONE_FLOW, exchanges, played
from bench.row import Row, Unit
from pknet.capture.output import OutputFolder
from pknet.lab.lab import Lab
from pknet.report.interfaces import captured
from pknet.report.pcaps import write_pcaps


def walk(packets: int) -> float:
    """Packets a second."""
    return packets / played(exchanges(packets, ONE_FLOW))


def walk_pcap(packets: int) -> float:
    """The same, and a pcap of every interface on the disk."""
    lab = exchanges(packets, ONE_FLOW)
    seconds = played(lab)
    with TemporaryDirectory() as folder:
        start = time.perf_counter()
        write(lab, Path(folder))
        return packets / (seconds + time.perf_counter() - start)


def write(lab: Lab, folder: Path) -> None:
    """A pcap for each interface, and nothing else."""
    taps = lab.trace.taps
    with OutputFolder(folder) as files:
        write_pcaps(files, captured(lab.nodes, taps.models()), taps)


ROWS = (
    Row("walk", "pknet, walk, one flow", Unit.RATE, 4000, 20, walk),
    Row("walk-pcap", "pknet, walk, one flow, pcap per interface", Unit.RATE, 4000, 20, walk_pcap),
)
