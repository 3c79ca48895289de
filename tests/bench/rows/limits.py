"""What Python itself allows: bounds on what any recording walk written in it can reach."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.row import Row, Unit

TAPS = 20  # interfaces that an exchange crosses between a1 and b1, both ways
WIRE = bytes(142)  # Ethernet, IPv4 and UDP headers, and 100 bytes
_RECORD = struct.Struct("<IIII")

Device = Callable[[bytes], bytes]


def raw_pcap(packets: int) -> float:
    """Packets a second: their records packed and written to one file, as many as they have taps."""
    with TemporaryDirectory() as folder, (Path(folder) / "raw.pcap").open("wb") as file:
        write, pack, size = file.write, _RECORD.pack, len(WIRE)
        start = time.perf_counter()
        for number in range(packets * TAPS):
            write(pack(number // 1_000_000, number % 1_000_000, size, size) + WIRE)
        return packets / (time.perf_counter() - start)


def call_chain(packets: int) -> float:
    """Packets a second: a call for each interface crossed, and nothing done in any."""
    first: Device = _end
    for _ in range(TAPS - 1):
        first = _calling(first)
    start = time.perf_counter()
    for _ in range(packets):
        first(WIRE)
    return packets / (time.perf_counter() - start)


def _end(wire: bytes) -> bytes:
    return wire


def _calling(device: Device) -> Device:
    def pass_on(wire: bytes) -> bytes:
        return device(wire)

    return pass_on


ROWS = (
    Row("raw-pcap", "limit: raw pcap records, 20 a packet", Unit.RATE, 50_000, 10, raw_pcap),
    Row("call-chain", "limit: bare calls, 20 a packet", Unit.RATE, 500_000, 10, call_chain),
)
