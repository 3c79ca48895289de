"""GRE (Linux: nf_conntrack_proto_gre.c), without the keys that only a PPTP helper would know."""

from __future__ import annotations

from pknet.netns.conntrack import status
from pknet.netns.conntrack.connection import Connection, Direction
from pknet.netns.conntrack.settings import Settings
from pknet.netns.conntrack.tracker import Answer, Arrival


class Gre:
    """A tunnel between two addresses."""

    name = "gre"
    allow_clash = True

    def __init__(self, settings: Settings) -> None:
        self._unreplied = settings.timeout("nf_conntrack_gre_timeout")
        self._stream = settings.timeout("nf_conntrack_gre_timeout_stream")

    def packet(self, ct: Connection, arrival: Arrival, direction: Direction) -> Answer:
        """Linux: nf_conntrack_gre_packet."""
        if not ct.status & status.SEEN_REPLY:
            ct.refresh(arrival.now, self._unreplied)
            return None
        ct.refresh(arrival.now, self._stream)
        if not ct.status & status.NAT_CLASH:
            ct.status |= status.ASSURED
        return None

    def state(self, ct: Connection) -> str:
        """It has none that conntrack -L prints."""
        return ""
