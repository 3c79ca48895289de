"""What crosses a link.

Law: the bytes never change. A device that changes a packet makes a new Frame; devices that do
not, share it, and with it the Scapy packet that someone may have asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pknet.wire.ethernet import ETH_P_IP, HEADER_LENGTH, Ethernet

if TYPE_CHECKING:
    from scapy.packet import Packet


class Frame:
    """Immutable wire bytes, at least 14 of them, Ethernet header first.

    ``cut``: its sender cut it out of a larger packet (Linux: skb_segment), and so it takes less
    memory; only the window of the socket that it reaches depends on that.
    """

    __slots__ = ("_packet", "cut", "wire")

    def __init__(self, wire: bytes, cut: bool = False) -> None:
        self.wire = wire
        self.cut = cut
        self._packet: Packet | None = None

    @property
    def ethernet(self) -> Ethernet:
        """The header, read in place."""
        return Ethernet.parse(self.wire)

    @property
    def header(self) -> bytes:
        """The Ethernet header's bytes."""
        return self.wire[:HEADER_LENGTH]

    @property
    def type(self) -> int:
        """The EtherType."""
        return int.from_bytes(self.wire[12:14], "big")

    @property
    def network(self) -> bytes:
        """What stands above the link layer."""
        return self.wire[HEADER_LENGTH:]

    @property
    def packet(self) -> Packet:
        """The genuine Scapy packet of these bytes; made when first asked for.

        Whoever carries the same bytes shares it, so its ``.time`` is 0: ``dissected`` has one.
        """
        if self._packet is None:
            self._packet = self.dissected()
        return self._packet

    def dissected(self, time_ns: int = 0) -> Packet:
        """A Scapy packet of these bytes that nobody shares, its ``.time`` ``time_ns`` exactly."""
        from pknet.wire.scapy import dissect

        return dissect(self.wire, time_ns)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.wire.hex()})"


class BareFrame(Frame):
    """An IPv4 packet without a link layer, as an ipip device carries it (Linux: ARPHRD_TUNNEL)."""

    __slots__ = ()

    @property
    def ethernet(self) -> Ethernet:
        """No addresses; the type says what follows all the same."""
        return Ethernet(b"", b"", ETH_P_IP)

    @property
    def header(self) -> bytes:
        """None."""
        return b""

    @property
    def type(self) -> int:
        """IPv4: nothing else crosses such a device."""
        return ETH_P_IP

    @property
    def network(self) -> bytes:
        """All of it."""
        return self.wire

    def dissected(self, time_ns: int = 0) -> Packet:
        """The same, beginning with IP."""
        from pknet.wire.scapy import dissect_bare

        return dissect_bare(self.wire, time_ns)


def frame_of(header: bytes, network: bytes, cut: bool = False) -> Frame:
    """``network`` behind ``header``, which is empty where there is no link layer."""
    return Frame(header + network, cut) if header else BareFrame(network, cut)
