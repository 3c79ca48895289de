"""The interfaces of a network, as captures name and describe them.

Law: every interface has a capture, even an empty one; ``lo`` only where something crossed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pknet.link.bridge import Bridge
from pknet.link.cable import Cable
from pknet.link.device import Device
from pknet.link.interface import Interface
from pknet.link.veth import Veth
from pknet.netns.namespace import Namespace
from pknet.overlay.ipip import Ipip
from pknet.overlay.vxlan import Vxlan
from pknet.trace import Tap
from pknet.wire.address import ip_text, mac_text


class Captured(NamedTuple):
    """One interface that is captured; ``link_layer`` False: its packets have no Ethernet header."""

    node: str
    interface: str
    description: str
    link_layer: bool = True

    @property
    def name(self) -> str:
        """``node-a:eth0``."""
        return f"{self.node}:{self.interface}"


def captured(nodes: Mapping[str, Device], taps: Iterable[Tap]) -> list[Captured]:
    """In the order of the topology, then by number."""
    crossed = {tap.hop.node for tap in taps if tap.interface == "lo" and tap.direction}
    return [
        Captured(node.name, interface.name, describe(interface), interface.link_layer)
        for node in nodes.values()
        for interface in sorted(node.interfaces.values(), key=lambda each: each.index)
        if interface.kind != "loopback" or node.name in crossed
    ]


def describe(interface: Interface) -> str:
    """``veth to node-a:vA1, 02:00:00:00:01:01, 10.1.1.1/24``."""
    words = [_kind(interface)]
    if interface.link_layer:
        words.append(mac_text(interface.mac))
    if interface.master is not None:
        words.insert(1, f"port of {interface.master.name}")
    if isinstance(interface.owner, Namespace):
        words += (
            f"{ip_text(entry.address)}/{entry.length}"
            for entry in interface.owner.addresses.of(interface)
        )
    return ", ".join(words)


def _kind(interface: Interface) -> str:
    if isinstance(interface, Bridge):
        ports = ", ".join(port.name for port in reversed(interface.ports))
        return f"bridge of {ports}" if ports else "bridge without ports"
    if isinstance(interface, Vxlan):
        return f"vxlan {interface.config.vni}, UDP port {interface.config.port}"
    if isinstance(interface, Ipip) and interface.config.remote:
        return f"ipip to {ip_text(interface.config.remote)}"
    medium = interface.medium
    if isinstance(medium, Veth | Cable):
        kind = "veth" if isinstance(medium, Veth) else "cable"
        peer = medium.peers[interface]
        return f"{kind} to {peer.owner.name}:{peer.name}"
    return interface.kind


def names(nodes: Mapping[str, Device]) -> Iterator[tuple[str, str]]:
    """Each address and its node's name; of an address on two nodes, the first."""
    told = set()
    for node in nodes.values():
        if not isinstance(node, Namespace):
            continue
        for entry in node.addresses.all:
            if entry.dev.kind != "loopback" and entry.address not in told:
                told.add(entry.address)
                yield ip_text(entry.address), node.name
