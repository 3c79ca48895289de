"""Scapy as one would first write it: at each of eight hops a copy, changed and built anew.

A packet here goes one way only, and meets no rule, no table and no clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from tempfile import TemporaryDirectory
from typing import Any

from bench.network import PORT, SIZE
from bench.row import Row, Unit

HOPS = 8
DNAT_AT = 2
ROUTERS = (3, 5)

Record = Callable[[int, Any], object]


def no_files(packets: int) -> float:
    """Packets a second; each hop's bytes are made, and dropped."""
    return packets / _carry(packets, lambda hop, packet: bytes(packet))


def with_pcaps(packets: int) -> float:
    """The same, each hop's packet written by Scapy's own writer."""
    from scapy.utils import PcapWriter

    with TemporaryDirectory() as folder, ExitStack() as stack:
        files = [
            stack.enter_context(PcapWriter(f"{folder}/{hop}.pcap", linktype=1))
            for hop in range(HOPS)
        ]
        return packets / _carry(packets, lambda hop, packet: files[hop].write(packet))


def _carry(packets: int, record: Record) -> float:
    from scapy.layers.inet import IP, UDP
    from scapy.layers.l2 import Ether
    from scapy.packet import Raw

    start = time.perf_counter()
    for number in range(packets):
        packet = (
            Ether(src=_mac(0), dst=_mac(1))
            / IP(src="10.1.1.1", dst="172.30.0.1", id=number & 0xFFFF)
            / UDP(sport=40000, dport=PORT)
            / Raw(bytes(SIZE))
        )
        for hop in range(HOPS):
            packet = packet.copy()
            packet[Ether].src, packet[Ether].dst = _mac(hop), _mac(hop + 1)
            if hop == DNAT_AT:
                packet[IP].dst = "10.1.2.1"
            if hop in ROUTERS:
                packet[IP].ttl -= 1
            del packet[IP].chksum, packet[UDP].chksum
            record(hop, packet)
    return time.perf_counter() - start


def _mac(number: int) -> str:
    return f"02:00:00:00:00:{number:02x}"


ROWS = (
    Row("scapy", "Scapy, naive, eight hops one way", Unit.RATE, 500, 3, no_files),
    Row("scapy-pcap", "Scapy, naive, eight hops one way, pcap per hop", Unit.RATE, 500, 3,
        with_pcaps),
)  # fmt: skip
