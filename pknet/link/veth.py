"""A veth pair: what goes in at one end comes out at the other.

Law: a crossing is an event; it takes time, and frames keep their order.
"""

from __future__ import annotations

from pknet.link.interface import BACKLOG, Interface
from pknet.sim import Clock
from pknet.trace import Dropped, DropReason, Sent, Verdict
from pknet.wire.ethernet import HEADER_LENGTH
from pknet.wire.frame import Frame

LATENCY = BACKLOG
VLAN_TAG = 4  # bytes that is_skb_forwardable allows over the MTU


def too_big_for(frame: Frame, receiver: Interface) -> bool:
    """True where the far end would not take the frame (Linux: is_skb_forwardable)."""
    return len(frame.wire) > receiver.mtu + HEADER_LENGTH + VLAN_TAG


class Veth:
    """Two interfaces joined (Linux: veth_xmit)."""

    def __init__(self, clock: Clock, a: Interface, b: Interface) -> None:
        self.clock = clock
        self.peers = {a: b, b: a}
        a.medium = b.medium = self

    def carries(self, end: Interface) -> bool:
        """While the peer is up (Linux: veth_open, veth_close)."""
        return self.peers[end].up

    def carry(self, sender: Interface, frame: Frame, packet: int) -> Verdict:
        """To the peer in LATENCY nanoseconds."""
        receiver = self.peers[sender]
        if too_big_for(frame, receiver):
            return Dropped(DropReason.LINK_TOO_BIG, f"larger than {receiver.place} takes")
        self.clock.after(LATENCY, receiver.receive, frame, packet)
        return Sent(sender.name)
