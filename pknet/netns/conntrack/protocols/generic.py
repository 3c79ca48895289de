"""Any protocol that has no tracker of its own (Linux: nf_conntrack_proto_generic.c)."""

from __future__ import annotations

from pknet.netns.conntrack.connection import Connection, Direction
from pknet.netns.conntrack.tracker import Answer, Arrival
from pknet.sim.clock import SECOND

TIMEOUT = 600 * SECOND  # net.netfilter.nf_conntrack_generic_timeout


class Generic:
    """Two addresses and a protocol number make a connection."""

    name = "unknown"
    allow_clash = False

    def packet(self, ct: Connection, arrival: Arrival, direction: Direction) -> Answer:
        """Linux: generic_packet."""
        ct.refresh(arrival.now, TIMEOUT)
        return None

    def state(self, ct: Connection) -> str:
        """It has none."""
        return ""
