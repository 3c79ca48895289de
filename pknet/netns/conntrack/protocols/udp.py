"""UDP (Linux: nf_conntrack_proto_udp.c).

Law: a datagram and an answer are a query; what still goes on two seconds later is a stream.
"""

from __future__ import annotations

from pknet.netns.conntrack import status
from pknet.netns.conntrack.connection import Connection, Direction, ProtocolState
from pknet.netns.conntrack.settings import Settings
from pknet.netns.conntrack.tracker import Answer, Arrival, Invalid
from pknet.sim.clock import SECOND
from pknet.wire import udp

STREAM_AFTER = 2 * SECOND


class UdpState(ProtocolState):
    """When the connection begins to count as a stream (Linux: stream_ts)."""

    __slots__ = ("stream_at",)

    def __init__(self, stream_at: int) -> None:
        self.stream_at = stream_at


def _error(arrival: Arrival) -> Invalid | None:
    """Linux: udp_error."""
    if len(arrival.payload) < udp.HEADER_LENGTH:
        return Invalid("UDP header cut short")
    header = udp.Udp.parse(arrival.payload)
    if not udp.HEADER_LENGTH <= header.length <= len(arrival.payload):
        return Invalid(f"UDP says {header.length} bytes, {len(arrival.payload)} are there")
    if header.checksum and arrival.sum_is_wrong():
        return Invalid("bad UDP checksum")
    return None


class Udp:
    """Datagrams between two ports."""

    name = "udp"
    allow_clash = True

    def __init__(self, settings: Settings) -> None:
        self._unreplied = settings.timeout("nf_conntrack_udp_timeout")
        self._stream = settings.timeout("nf_conntrack_udp_timeout_stream")

    def packet(self, ct: Connection, arrival: Arrival, direction: Direction) -> Answer:
        """Linux: nf_conntrack_udp_packet."""
        wrong = _error(arrival)
        if wrong is not None:
            return wrong
        if not ct.status & status.CONFIRMED:
            ct.proto = UdpState(arrival.now + STREAM_AFTER)
        proto = ct.proto
        assert isinstance(proto, UdpState)
        streams = bool(ct.status & status.SEEN_REPLY) and arrival.now > proto.stream_at
        ct.refresh(arrival.now, self._stream if streams else self._unreplied)
        if streams and not ct.status & status.NAT_CLASH:
            ct.status |= status.ASSURED
        return None

    def state(self, ct: Connection) -> str:
        """It has none."""
        return ""
