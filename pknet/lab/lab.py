"""A Lab: one network, its clock, and everything that happened in it.

Law: built from a spec and a seed alone; it shares nothing with another Lab.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pknet.lab.flow import Flow, Port
from pknet.lab.hooks import PacketHook, interface_hook
from pknet.lab.player import Player
from pknet.lab.result import ItemResult
from pknet.link.device import Device
from pknet.link.interface import Interface
from pknet.link.packet_socket import refused
from pknet.netns.namespace import Namespace
from pknet.sim import Clock, Rng
from pknet.sim.clock import MILLISECOND
from pknet.topology.build import build
from pknet.topology.load import load
from pknet.topology.spec import Spec
from pknet.trace import Trace
from pknet.wire.frame import Frame

if TYPE_CHECKING:
    from scapy.packet import Packet

#: How long a packet sent by hand is followed before its flow is looked at.
SETTLE = 50 * MILLISECOND


class Node:
    """One node of a Lab, to send from."""

    def __init__(self, lab: Lab, device: Device) -> None:
        self.lab = lab
        self.device = device

    @property
    def name(self) -> str:
        """As in the topology."""
        return self.device.name

    def send(self, packet: Packet, interface: str | None = None) -> Flow:
        """Send a Scapy packet and follow it until the network is quiet (50 ms).

        With an Ether layer it is a frame, put on ``interface`` as it is; without, an IP packet
        that this node routes. Raises ValueError where it cannot be sent.
        """
        from pknet.wire.scapy import is_frame

        first = len(self.lab.trace.taps)
        send = self._send_frame if is_frame(packet) else self._send_routed
        number = send(packet, interface)
        self.lab.settle()
        return Flow(self.lab.trace, number, first, nodes=self.lab.nodes)

    def _send_frame(self, packet: Packet, interface: str | None) -> int:
        from pknet.wire.scapy import frame_bytes

        port = self._interface(interface)
        own = self.device.addresses.of(port) if isinstance(self.device, Namespace) else []
        wire = frame_bytes(packet, port.mac, own[0].address if own else 0)
        why = refused(wire, f"{self.name}:{port.name}", port.mtu)
        if why is not None:
            raise ValueError(why)
        return self.device.send(port, Frame(wire))

    def _send_routed(self, packet: Packet, interface: str | None) -> int:
        from pknet.wire.scapy import network_bytes

        if interface is not None or not isinstance(self.device, Namespace):
            raise ValueError("an IP packet is routed by its node: give an Ether layer for a frame")
        sent = self.device.own.raw(network_bytes(packet))
        if not isinstance(sent, int):
            raise ValueError(f"{self.name}: {sent.error.value}")
        return sent

    def _interface(self, name: str | None) -> Interface:
        plugged = {n: i for n, i in self.device.interfaces.items() if i.medium is not None}
        if name is None and len(plugged) == 1:
            return next(iter(plugged.values()))
        if name not in plugged:
            raise ValueError(f"{self.name}: say which interface: {', '.join(plugged)}")
        return plugged[name]


class Lab:
    """A network to run, send into, and look at."""

    def __init__(self, spec: Spec, seed: int | None = None) -> None:
        self.spec = spec
        #: Whether packets that go the way of the one before are replayed, and not walked.
        self.fastpath = True
        self.seed = spec.seed if seed is None else seed
        self.clock = Clock()
        self.trace = Trace(self.clock)
        self.rng = Rng(self.seed)
        self.nodes: dict[str, Device] = dict(build(spec, self.clock, self.rng, self.trace))
        self.results: list[ItemResult] = []
        #: How many traffic items have begun.
        self.begun = 0

    @classmethod
    def load(cls, path: str | Path, seed: int | None = None) -> Lab:
        """A Lab of a topology file. Raises TopologyError with all its faults."""
        return cls(load(Path(path)), seed)

    def run(self) -> list[ItemResult]:
        """Play the file's traffic, to the end."""
        self.results = Player(self).run()
        return self.results

    def settle(self, duration: int = SETTLE) -> None:
        """Let ``duration`` nanoseconds pass."""
        self.clock.run(self.clock.now + duration)

    def __getitem__(self, name: str) -> Node:
        """The node ``name``. Raises KeyError, naming those that are there."""
        if name not in self.nodes:
            raise KeyError(f"no node {name!r}: there are {', '.join(self.nodes)}")
        return Node(self, self.nodes[name])

    def interface(self, place: str) -> Interface:
        """``node-a:eth0``. Raises KeyError, naming those that are there."""
        node, _, name = place.partition(":")
        interfaces = self[node].device.interfaces
        if name not in interfaces:
            raise KeyError(f"no interface {place!r}: {node} has {', '.join(interfaces)}")
        return interfaces[name]

    def at(self, place: str) -> Port:
        """What ``node-a:eth0`` has seen, and will see; ``from_now_on()`` forgets the past."""
        self.interface(place)
        return Port(self.trace, place)

    def on(self, place: str, function: PacketHook) -> Callable[[], None]:
        """Show every packet that crosses ``place`` to ``function``; call the result to stop.

        It gets a Scapy packet, and returns None (go on), a packet (go on with this one), or
        ``Drop("why")``. The packet's ``.time`` is the virtual time, in seconds since the run
        began; that of the packet that it returns counts for nothing.
        """
        interface = self.interface(place)
        hook = interface_hook(function, interface.name)
        interface.hooks.append(hook)
        return lambda: interface.hooks.remove(hook)

    def replace(self, name: str, make: Callable[[str, Clock, Rng, Trace], Device]) -> Device:
        """Put a device of one's own in the place of a node: it gets that node's interfaces."""
        old = self[name].device
        new = make(name, self.clock, self.rng, self.trace)
        for interface in old.interfaces.values():
            if interface.medium is not None:
                interface.owner = new
                interface.master = None
                new.attach(interface)
        self.nodes[name] = new
        return new
