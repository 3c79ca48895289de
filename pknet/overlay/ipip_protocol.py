"""Protocol 4 of one namespace: which IPIP device a packet is for (Linux: ip_tunnel_lookup).

Law: the device that says most of the two ends has it; where none fits, the sender is told.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.skb import Skb
from pknet.netns.namespace import Namespace
from pknet.netns.socket.icmp_error import IcmpError
from pknet.trace import Dropped, DropReason, Verdict
from pknet.wire import icmp, ipv4
from pknet.wire.address import ip_text

Decapsulate = Callable[[Skb], Verdict]


class IpipProtocol:
    """The devices, by their two ends; 0 is any."""

    def __init__(self, node: Namespace) -> None:
        self.node = node
        self._devices: dict[tuple[int, int], Decapsulate] = {}

    def add(self, local: int, remote: int, device: Decapsulate) -> None:
        """Raises ValueError("EEXIST") where another device has both ends."""
        if self._devices.setdefault((local, remote), device) is not device:
            raise ValueError("EEXIST")

    def __call__(self, skb: Skb) -> Verdict:
        """A packet of protocol 4 for this host (Linux: tunnel4_rcv)."""
        if len(skb.payload) < ipv4.MIN_HEADER:
            return Dropped(DropReason.PKT_TOO_SMALL, "no whole IP header inside")
        src, dst = skb.ip.src, skb.ip.dst
        device = self._device(dst, src)
        if device is not None:
            return device(skb)
        words = self.node.icmp.error(skb, icmp.DEST_UNREACH, icmp.PORT_UNREACH)
        text = f"no tunnel from {ip_text(src)} to {ip_text(dst)}; {words}"
        return Dropped(DropReason.TUNNEL_UNKNOWN, text)

    def believes(self, error: IcmpError) -> bool:
        """Whether the packet that ``error`` quotes is of a tunnel here (Linux: ipip_err)."""
        return self._device(error.header.src, error.header.dst) is not None

    def _device(self, local: int, remote: int) -> Decapsulate | None:
        ends = ((local, remote), (0, remote), (local, 0), (0, 0))
        return next((self._devices[each] for each in ends if each in self._devices), None)


def ipip_protocol(node: Namespace) -> IpipProtocol:
    """The node's own, registered if need be."""
    known = node.input.protocols.get(ipv4.IPIP)
    if isinstance(known, IpipProtocol):
        return known
    made = node.input.protocols[ipv4.IPIP] = IpipProtocol(node)
    node.sockets.believers[ipv4.IPIP] = made.believes
    return made
