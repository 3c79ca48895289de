"""pknet, every hop recorded: one flow, replayed where it repeats itself, and walked all the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.exchange import ONE_FLOW, exchanges, played
from bench.row import Row, Unit
from pknet.capture.output import OutputFolder
from pknet.lab.lab import Lab
from pknet.report.interfaces import captured
from pknet.report.pcaps import write_pcaps


def flow(packets: int) -> Lab:
    """As a user has it."""
    return exchanges(packets, ONE_FLOW)


def walked(packets: int) -> Lab:
    """``pknet run --no-fastpath``."""
    lab = exchanges(packets, ONE_FLOW)
    lab.fastpath = False
    return lab


def rate(made: Callable[[int], Lab]) -> Callable[[int], float]:
    """Packets a second."""
    return lambda packets: packets / played(made(packets))


def pcap_rate(made: Callable[[int], Lab]) -> Callable[[int], float]:
    """The same, and a pcap of every interface on the disk."""

    def measured(packets: int) -> float:
        lab = made(packets)
        seconds = played(lab)
        with TemporaryDirectory() as folder:
            start = time.perf_counter()
            write(lab, Path(folder))
            return packets / (seconds + time.perf_counter() - start)

    return measured


def write(lab: Lab, folder: Path) -> None:
    """A pcap for each interface, and nothing else."""
    taps = lab.trace.taps
    with OutputFolder(folder) as files:
        write_pcaps(files, captured(lab.nodes, taps.models()), taps)


ROWS = (
    Row("flow", "pknet, one flow", Unit.RATE, 200_000, 400, rate(flow)),
    Row("flow-pcap", "pknet, one flow, pcap per interface", Unit.RATE, 200_000, 400,
        pcap_rate(flow)),
    Row("walk", "pknet, one flow, nothing replayed", Unit.RATE, 4000, 20, rate(walked)),
    Row("walk-pcap", "pknet, one flow, nothing replayed, pcap per interface", Unit.RATE, 4000, 20,
        pcap_rate(walked)),
)  # fmt: skip
