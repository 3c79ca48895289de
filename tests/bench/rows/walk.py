"""pknet, device by device: one flow, every hop recorded; with captures and without."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.exchange import ONE_FLOW, exchanges, played
from bench.row import Row, Unit
from pknet.capture.output import OutputFolder
from pknet.capture.pcap import PcapWriter
from pknet.lab.lab import Lab
from pknet.report.interfaces import captured
from pknet.trace import Tap


def walk(packets: int) -> float:
    """Packets a second."""
    return packets / played(exchanges(packets, ONE_FLOW))


def walk_pcap(packets: int) -> float:
    """The same, and a pcap of every interface on the disk."""
    lab = exchanges(packets, ONE_FLOW)
    seconds = played(lab)
    with TemporaryDirectory() as folder:
        start = time.perf_counter()
        write_pcaps(lab, Path(folder))
        return packets / (seconds + time.perf_counter() - start)


def write_pcaps(lab: Lab, folder: Path) -> None:
    """A pcap for each interface, and nothing else."""
    interfaces = captured(lab.nodes, lab.trace.taps)
    taps: dict[tuple[str, str], list[Tap]] = {(i.node, i.interface): [] for i in interfaces}
    for tap in lab.trace.taps:
        if tap.direction is not None:
            taps[tap.hop.node, tap.interface].append(tap)
    with OutputFolder(folder) as files:
        for (node, interface), seen in taps.items():
            with files.open(f"{node}-{interface}.pcap") as file:
                writer = PcapWriter(file)
                for tap in seen:
                    writer.write(tap.time, tap.frame.wire)


ROWS = (
    Row("walk", "pknet, walk, one flow", Unit.RATE, 4000, 20, walk),
    Row("walk-pcap", "pknet, walk, one flow, pcap per interface", Unit.RATE, 4000, 20, walk_pcap),
)
