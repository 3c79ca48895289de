"""A network device (Linux: struct net_device).

Law: whatever crosses an interface is tapped there: on receive before anything else looks at
it, on transmit after everything else is done.

    link -> receive(frame) -> tap "in" -> hooks -> bridge port?  master.forward : owner.receive
    transmit(skb) -> hooks -> tap "out" -> medium.carry(frame) -> the far end's receive
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pknet.link.owner import Owner
from pknet.link.segmentation import each_segment
from pknet.link.skb import Skb, packet_type
from pknet.link.visit import end
from pknet.sim.clock import MICROSECOND
from pknet.trace import Dropped, DropReason, Verdict
from pknet.trace.hop import Direction
from pknet.wire.frame import Frame

#: Nanoseconds from a software device's transmit to the far end's receive: the same for all, as
#: they share one queue (Linux: the backlog); an order of magnitude of a softirq.
BACKLOG = 1 * MICROSECOND
DEFAULT_MTU = 1500  # bytes of network-layer packet (Linux: ETH_DATA_LEN)

#: Looks at (and may change) a packet in passing; a Verdict ends it there.
InterfaceHook = Callable[[Skb, Direction], Verdict | None]


class Medium(Protocol):
    """What an interface is plugged into."""

    def carry(self, sender: Interface, frame: Frame, packet: int) -> Verdict:
        """Take ``frame`` towards the far end, as an event of its own."""

    def carries(self, end: Interface) -> bool:
        """True where there is somebody at the other end (Linux: netif_carrier_ok)."""


class Master(Protocol):
    """The bridge that an interface is a port of."""

    name: str

    def forward(self, port: Interface, skb: Skb) -> Verdict:
        """A frame came in by ``port`` (Linux: rx_handler)."""


class Interface:
    """A device with one end of a medium: a veth end, a physical adapter."""

    kind = "veth"
    #: Whether its packets have an Ethernet header, and their destinations a MAC.
    link_layer = True

    def __init__(self, owner: Owner, name: str, mac: bytes, mtu: int = DEFAULT_MTU) -> None:
        self.owner = owner
        self.name = name
        self.mac = mac
        self.mtu = mtu
        self.index = 0
        self.up = True
        self.medium: Medium | None = None
        self.master: Master | None = None
        self.hairpin = False
        self.hooks: list[InterfaceHook] = []

    @property
    def place(self) -> str:
        """``node-a:eth0``."""
        return f"{self.owner.name}:{self.name}"

    def __repr__(self) -> str:
        return f"<{self.place}>"

    @property
    def running(self) -> bool:
        """Up, with a carrier (Linux: netif_oper_up)."""
        return self.up and (self.medium is None or self.medium.carries(self))

    def receive(self, frame: Frame, packet: int, mark: int = 0) -> None:
        """A frame arrives: one visit, from here to its verdict."""
        owner = self.owner
        hop = owner.trace.open(owner.name, packet, owner.clock.now)
        skb = Skb.of(hop, self, frame)
        skb.mark = mark
        end(owner, skb, self._receive(skb))

    def _receive(self, skb: Skb) -> Verdict:
        if not self.up:
            return Dropped(DropReason.DEV_READY, f"{self.name} is down")
        self.tap(skb, "in")
        ended = self.run_hooks(skb, "in")
        if ended is not None:
            return ended
        if self.link_layer:
            skb.type = packet_type(skb.destination, self.mac)
        if self.master is not None:
            return self.master.forward(self, skb)
        return self.owner.receive(skb)

    def transmit(self, skb: Skb) -> Verdict:
        """Send what ``skb`` holds (Linux: dev_queue_xmit)."""
        if not self.up:
            return Dropped(DropReason.DEV_READY, f"{self.name} is down")
        if not self.running:  # its queue is noop_qdisc, which swallows everything before any tap
            return Dropped(DropReason.LINK_DOWN, f"{self.name} has no carrier")
        if skb.gso_size:
            return each_segment(self.owner, skb, self._transmit)
        return self._transmit(skb)

    def _transmit(self, skb: Skb) -> Verdict:
        ended = self.run_hooks(skb, "out")
        if ended is not None:
            return ended
        self.tap(skb, "out")
        return self.emit(skb)

    def emit(self, skb: Skb) -> Verdict:
        """Hand the frame to the medium; other kinds of device do something else here."""
        if self.medium is None:
            return Dropped(DropReason.NO_CABLE, f"nothing is plugged into {self.name}")
        return self.medium.carry(self, skb.frame, skb.hop.packet)

    def tap(self, skb: Skb, direction: Direction) -> None:
        """Record that this interface saw the packet."""
        owner = self.owner
        owner.trace.tap(skb.hop, owner.clock.now, self.name, direction, skb.frame)

    def run_hooks(self, skb: Skb, direction: Direction) -> Verdict | None:
        """What users hung here, in order; None lets the packet go on."""
        for hook in self.hooks:
            verdict = hook(skb, direction)
            if verdict is not None:
                return verdict
        return None
