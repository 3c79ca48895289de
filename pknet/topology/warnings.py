"""What Linux allows and is seldom meant."""

from __future__ import annotations

from pknet.topology.segments import Device, Segments
from pknet.topology.spec import InterfaceSpec, LinkSpec, NodeSpec
from pknet.wire.address import mac_text


def warnings(nodes: tuple[NodeSpec, ...], links: tuple[LinkSpec, ...]) -> tuple[str, ...]:
    """In the order of the file."""
    return (*_same_addresses(nodes), *_same_macs(nodes, links))


def _same_addresses(nodes: tuple[NodeSpec, ...]) -> list[str]:
    found = []
    for node in nodes:
        first: dict[object, str] = {}
        for device in node.devices:
            for address in device.addresses:
                other = first.setdefault(address.ip, device.name)
                if other != device.name:
                    found.append(f"{node.name}: {address.ip} is on {other} and on {device.name}")
    return found


def _same_macs(nodes: tuple[NodeSpec, ...], links: tuple[LinkSpec, ...]) -> list[str]:
    """Two devices of one segment with one MAC: each is sent what is the other's."""
    segments = Segments()
    for link in links:
        segments.join(link.a, link.b)
    for node in nodes:
        for port in node.interfaces:
            if port.master is not None:
                segments.join((node.name, port.name), (node.name, port.master))
    found = []
    first: dict[tuple[Device, bytes], tuple[str, InterfaceSpec]] = {}
    for node in nodes:
        for device in node.devices:
            key = (segments.of((node.name, device.name)), device.mac)
            name, other = first.setdefault(key, (node.name, device))
            if other is device or (name == node.name and other.master == device.name):
                continue  # a bridge may have the MAC of its port: Linux's do, by default
            both = f"{name}:{other.name} and {node.name}:{device.name}"
            found.append(f"{both} are on one segment and both have MAC {mac_text(device.mac)}")
    return found
