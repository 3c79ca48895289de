"""ICMP queries (Linux: nf_conntrack_proto_icmp.c). Errors are no connection: see icmp_error."""

from __future__ import annotations

from pknet.netns.conntrack.connection import Connection, Direction
from pknet.netns.conntrack.settings import Settings
from pknet.netns.conntrack.tracker import Answer, Arrival, Invalid

#: Echo, timestamp, information and address mask requests (Linux: valid_new).
BEGINNERS = frozenset({8, 13, 15, 17})


class Icmp:
    """A query and its replies, told apart by id."""

    name = "icmp"
    allow_clash = False

    def __init__(self, settings: Settings) -> None:
        self._timeout = settings.timeout("nf_conntrack_icmp_timeout")

    def packet(self, ct: Connection, arrival: Arrival, direction: Direction) -> Answer:
        """Linux: nf_conntrack_icmp_packet."""
        kind = ct.original.dport >> 8
        if kind not in BEGINNERS:
            return Invalid(f"ICMP type {kind} begins no connection")
        ct.refresh(arrival.now, self._timeout)
        return None

    def state(self, ct: Connection) -> str:
        """It has none."""
        return ""
