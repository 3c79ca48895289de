"""ns-3, in C++: the same exchange over CSMA links, bridges and static routes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.place import BUILD, PROGRAMS, output
from bench.row import Row, Unit

SOURCE = PROGRAMS / "ns3_exchange.cc"
MODULES = [
    f"ns3-{name}" for name in ("applications", "bridge", "core", "csma", "internet", "network")
]


def missing() -> str | None:
    """What it takes to build the program."""
    if shutil.which("g++") is None or shutil.which("pkg-config") is None:
        return "no C++ compiler (apt install g++ pkg-config)"
    found = subprocess.run(["pkg-config", "--exists", *MODULES], check=False)
    return "ns-3 is not installed (apt install libns3-dev)" if found.returncode else None


def program() -> Path:
    """Built where it is not there yet, or older than its source."""
    binary = BUILD / SOURCE.stem
    if not binary.exists() or binary.stat().st_mtime < SOURCE.stat().st_mtime:
        BUILD.mkdir(parents=True, exist_ok=True)
        # Those it uses itself, not --libs: that asks for libraries of theirs without headers here.
        flags = output(["pkg-config", "--cflags", "--libs-only-L", *MODULES]).split()
        flags += [f"-l{module}" for module in MODULES]
        # Some of its headers use memcpy and leave <cstring> to whoever includes them.
        output(["g++", "-O2", "-std=c++17", "-include", "cstring", SOURCE, "-o", binary, *flags])
    return binary


def exchange(packets: int) -> float:
    """Packets a second, of its event loop alone."""
    return packets / float(output([program(), str(packets)]))


def exchange_pcap(packets: int) -> float:
    """The same, with its own captures of all devices."""
    with TemporaryDirectory() as folder:
        return packets / float(output([program(), str(packets), folder]))


ROWS = (
    Row("ns3", "ns-3 in C++", Unit.RATE, 20_000, 10, exchange, missing),
    Row("ns3-pcap", "ns-3 in C++, pcap per device", Unit.RATE, 20_000, 10, exchange_pcap, missing),
)
