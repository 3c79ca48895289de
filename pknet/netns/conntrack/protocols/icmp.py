"""ICMP queries (Linux: nf_conntrack_proto_icmp.c). Errors are no connection: see icmp_error."""

from __future__ import annotations

from pknet.netns.conntrack.connection import Connection, Direction
from pknet.netns.conntrack.tracker import Answer, Arrival, Invalid
from pknet.sim.clock import SECOND

TIMEOUT = 30 * SECOND  # net.netfilter.nf_conntrack_icmp_timeout

#: Echo, timestamp, information and address mask requests (Linux: valid_new).
BEGINNERS = frozenset({8, 13, 15, 17})


class Icmp:
    """A query and its replies, told apart by id."""

    name = "icmp"
    allow_clash = False

    def packet(self, ct: Connection, arrival: Arrival, direction: Direction) -> Answer:
        """Linux: nf_conntrack_icmp_packet."""
        kind = ct.original.dport >> 8
        if kind not in BEGINNERS:
            return Invalid(f"ICMP type {kind} begins no connection")
        ct.refresh(arrival.now, TIMEOUT)
        return None

    def state(self, ct: Connection) -> str:
        """It has none."""
        return ""
