"""The loopback device (Linux: drivers/net/loopback.c).

Law: each packet is tapped once, with zero MACs, as tcpdump shows it on lo.
"""

from __future__ import annotations

from pknet.link.interface import Interface
from pknet.link.owner import Owner
from pknet.link.skb import Skb
from pknet.trace import Dropped, DropReason, Sent, Verdict
from pknet.wire.address import ZERO_MAC
from pknet.wire.frame import Frame

MTU = 65536


class Loopback(Interface):
    """``lo``: what is sent comes back as an event of its own."""

    kind = "loopback"

    def __init__(self, owner: Owner) -> None:
        super().__init__(owner, "lo", ZERO_MAC, MTU)

    def transmit(self, skb: Skb) -> Verdict:
        """Turn the packet round at +0; the tap is on its way in."""
        if not self.up:
            return Dropped(DropReason.DEV_READY, "lo is down")
        frame = Frame(bytes(12) + skb.header[12:14] + skb.network, skb.cut)
        self.owner.clock.after(0, self.receive, frame, skb.hop.packet)
        return Sent(self.name)
