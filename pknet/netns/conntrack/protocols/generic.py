"""Any protocol that has no tracker of its own (Linux: nf_conntrack_proto_generic.c)."""

from __future__ import annotations

from pknet.netns.conntrack.connection import Connection, Direction
from pknet.netns.conntrack.settings import Settings
from pknet.netns.conntrack.tracker import Answer, Arrival


class Generic:
    """Two addresses and a protocol number make a connection."""

    name = "unknown"
    allow_clash = False

    def __init__(self, settings: Settings) -> None:
        self._timeout = settings.timeout("nf_conntrack_generic_timeout")

    def packet(self, ct: Connection, arrival: Arrival, direction: Direction) -> Answer:
        """Linux: generic_packet."""
        ct.refresh(arrival.now, self._timeout)
        return None

    def state(self, ct: Connection) -> str:
        """It has none."""
        return ""
