"""The rows in the order of the table. A new one is a new file, and its name here."""

from __future__ import annotations

from bench.row import Row
from bench.rows import (
    build,
    cold_start,
    ip_batch,
    kernel,
    limits,
    memory,
    mininet,
    new_flows,
    ns3,
    pingall,
    scapy_hops,
    walk,
)

ROWS: dict[str, Row] = {
    row.name: row
    for module in (
        walk, new_flows, ns3, scapy_hops, kernel, limits, pingall, mininet, cold_start, memory,
        build, ip_batch,
    )
    for row in module.ROWS
}  # fmt: skip
