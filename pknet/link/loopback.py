"""The loopback device (Linux: drivers/net/loopback.c).

Law: each packet is tapped once, with zero MACs, as tcpdump shows it on lo. It is the same skb
that comes back: mark, connection and (for this host) the route stay with it.
"""

from __future__ import annotations

from pknet.link.interface import BACKLOG, Interface
from pknet.link.owner import Owner
from pknet.link.segmentation import each_segment
from pknet.link.skb import PacketType, Skb
from pknet.trace import Dropped, DropReason, Sent, Verdict
from pknet.wire.address import ZERO_MAC

MTU = 65536


class Loopback(Interface):
    """``lo``: what is sent comes back as an event of its own."""

    kind = "loopback"

    def __init__(self, owner: Owner) -> None:
        super().__init__(owner, "lo", ZERO_MAC, MTU)

    def transmit(self, skb: Skb) -> Verdict:
        """Turn the packet round; the tap is on its way in."""
        if not self.up:
            return Dropped(DropReason.DEV_READY, "lo is down")
        if skb.gso_size:
            return each_segment(self.owner, skb, self._turn)
        return self._turn(skb)

    def _turn(self, skb: Skb) -> Verdict:
        turned = skb.clone()
        turned.header = bytes(12) + skb.header[12:14]
        turned.type = PacketType.HOST
        turned.dev = self
        self.owner.clock.after(BACKLOG, self._come_back, turned)
        return Sent(self.name)

    def _come_back(self, skb: Skb) -> None:
        owner = self.owner
        hop = skb.hop = owner.trace.open(owner.name, skb.hop.packet, owner.clock.now)
        self.tap(skb, "in")
        owner.trace.close(hop, self.run_hooks(skb, "in") or owner.receive(skb))
