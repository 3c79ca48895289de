"""The UDP port that VXLAN devices of one namespace share (Linux: struct vxlan_sock).

Law: a datagram is for the device of its VNI; a header that says what nobody here asked for is
refused, for it might mean something.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.skb import Skb
from pknet.netns.socket.udp import UdpLayer
from pknet.trace import Dropped, DropReason, Verdict
from pknet.wire import vxlan

Decapsulate = Callable[[Skb, bytes], Verdict]


class VxlanPort:
    """The devices behind one port, by VNI."""

    def __init__(self) -> None:
        self._devices: dict[int, Decapsulate] = {}

    def add(self, vni: int, device: Decapsulate) -> None:
        """Raises ValueError("EADDRINUSE") where the VNI has a device."""
        if self._devices.setdefault(vni, device) is not device:
            raise ValueError("EADDRINUSE")

    def deliver(self, skb: Skb, data: bytes) -> Verdict:
        """A datagram's payload (Linux: vxlan_rcv)."""
        if len(data) < vxlan.HEADER_LENGTH:
            return Dropped(DropReason.PKT_TOO_SMALL, "no whole VXLAN header")
        header = vxlan.Vxlan.parse(data)
        if not header.flags & vxlan.FLAG_VNI:
            return Dropped(DropReason.VXLAN_INVALID_HDR, "its VNI is not marked as valid")
        device = self._devices.get(header.vni)
        if device is None:
            return Dropped(DropReason.VXLAN_VNI_NOT_FOUND, f"no device here has VNI {header.vni}")
        if header.reserved:
            return Dropped(DropReason.VXLAN_INVALID_HDR, "reserved bits are set")
        return device(skb, data[vxlan.HEADER_LENGTH :])

    def believes(self, data: bytes) -> bool:
        """Whether ``data``, which an error quotes, is for a device here (vxlan_err_lookup)."""
        if len(data) < vxlan.HEADER_LENGTH:
            return False
        header = vxlan.Vxlan.parse(data)
        return bool(header.flags & vxlan.FLAG_VNI) and header.vni in self._devices


def open_port(layer: UdpLayer, port: int) -> VxlanPort:
    """The one that listens on ``port``, opened if need be. Raises ValueError("EADDRINUSE")."""
    taken = layer.tunnel(port)
    if isinstance(taken, VxlanPort):
        return taken
    opened = VxlanPort()
    layer.add_tunnel(port, opened)
    return opened
