"""pknet where every packet is a new connection, through kube-proxy's rules and conntrack."""

from __future__ import annotations

from bench.exchange import NEW_FLOWS, exchanges, played
from bench.row import Row, Unit


def new_flows(packets: int) -> float:
    """Packets a second."""
    return packets / played(exchanges(packets, NEW_FLOWS))


ROWS = (Row("new-flows", "pknet, new flows only", Unit.RATE, 4000, 20, new_flows),)
