"""What pknet is to reach, each beside the peer that does the same job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.row import Unit
from bench.runner import Result


@dataclass(frozen=True, slots=True)
class Bar:
    """``row`` against ``peer``: that many times as good; without a peer, its own figure."""

    job: str
    row: str
    wanted: float
    peer: str | None = None
    compiled: float | None = None  # what a compiled build is to reach

    def value(self, results: Mapping[str, Result]) -> float | None:
        """The ratio, or the figure; None where a row was not measured."""
        ours = results.get(self.row)
        if ours is None or not ours.figures:
            return None
        if self.peer is None:
            return ours.median
        theirs = results.get(self.peer)
        if theirs is None or not theirs.figures:
            return None
        ratio = ours.median / theirs.median
        return ratio if ours.row.unit.more else 1 / ratio

    def met(self, value: float, unit: Unit) -> bool:
        """A ratio is never too large; a figure is judged by its unit."""
        more = self.peer is not None or unit.more
        return value >= self.wanted if more else value <= self.wanted


BARS = (
    Bar("every hop recorded, no files", "flow", 6, "ns3", compiled=12),
    Bar("every hop recorded, a pcap per interface", "flow-pcap", 3, "ns3-pcap"),
    Bar("the same", "flow-pcap", 300, "scapy-pcap"),
    Bar("new flows only", "new-flows", 15_000),
    Bar("pingall of 50 hosts, whole process", "pingall-static", 4, "mininet"),
    Bar("the same, though one of the two resolves addresses", "pingall", 4, "mininet"),
    Bar("cold start to a printed trace", "cold-start", 0.5),
    Bar("memory per packet carried", "memory", 500),
    Bar("100 nodes x 10 pods from a file", "build", 10, "ip-batch"),
)
