"""What crosses a link.

Law: the bytes never change. A device that changes a packet makes a new Frame; devices that do
not, share it, and with it the Scapy packet that someone may have asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pknet.wire.ethernet import Ethernet

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
    def packet(self) -> Packet:
        """The genuine Scapy packet of these bytes; made when first asked for."""
        if self._packet is None:
            from pknet.wire.scapy import dissect

            self._packet = dissect(self.wire)
        return self._packet

    def __repr__(self) -> str:
        return f"Frame({self.wire.hex()})"
