"""Anything that interfaces belong to.

Law: a device answers for every packet that it is handed: ``receive`` returns a Verdict. A
device of one's own is a subclass with that one method.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from pknet.link.interface import Interface
from pknet.link.skb import Skb
from pknet.link.visit import end
from pknet.sim import Clock, Rng
from pknet.trace import Hop, Trace, Verdict
from pknet.wire.frame import Frame


class Device(ABC):
    """A node: its name, its interfaces by name, and the run's clock, chance and trace."""

    def __init__(self, name: str, clock: Clock, rng: Rng, trace: Trace) -> None:
        self.name = name
        self.clock = clock
        self.rng = rng
        self.trace = trace
        self.interfaces: dict[str, Interface] = {}

    @abstractmethod
    def receive(self, skb: Skb) -> Verdict:
        """A packet came up from ``skb.dev`` (Linux: netif_receive_skb)."""

    def attach(self, interface: Interface) -> Interface:
        """Make ``interface`` one of this device's. Raises ValueError on a name twice."""
        if interface.name in self.interfaces:
            raise ValueError(f"{self.name} already has an interface {interface.name}")
        interface.index = len(self.interfaces) + 1
        self.interfaces[interface.name] = interface
        return interface

    def send(self, interface: Interface, frame: Frame) -> int:
        """Put a new frame on ``interface`` as it is, at +0 (Linux: a packet socket).

        Returns its packet id.
        """
        packet = self.trace.new_packet()
        self.clock.soon(self._send, interface, frame, packet)
        return packet

    def _send(self, interface: Interface, frame: Frame, packet: int) -> None:
        skb = Skb.of(self.open(packet), interface, frame)
        end(self, skb, interface.transmit(skb))

    def open(self, packet: int) -> Hop:
        """Begin a visit of ``packet`` on this node."""
        return self.trace.open(self.name, packet, self.clock.now)

    def close(self, hop: Hop, verdict: Verdict) -> None:
        """End it."""
        self.trace.close(hop, verdict)

    def visit(self, packet: int, walk: Callable[[Hop], Verdict]) -> Verdict:
        """A whole visit: opened, walked, closed."""
        hop = self.open(packet)
        verdict = walk(hop)
        self.close(hop, verdict)
        return verdict
