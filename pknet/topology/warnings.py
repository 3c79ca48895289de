"""What Linux allows and is seldom meant."""

from __future__ import annotations

from pknet.topology.spec import InterfaceSpec, LinkSpec, NodeSpec
from pknet.wire.address import mac_text

_Device = tuple[str, str]  # node, interface or bridge


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
    segments = _Segments()
    for link in links:
        segments.join(link.a, link.b)
    for node in nodes:
        for port in node.interfaces:
            if port.master is not None:
                segments.join((node.name, port.name), (node.name, port.master))
    found = []
    first: dict[tuple[_Device, bytes], tuple[str, InterfaceSpec]] = {}
    for node in nodes:
        for device in node.devices:
            key = (segments.of((node.name, device.name)), device.mac)
            name, other = first.setdefault(key, (node.name, device))
            if other is device or (name == node.name and other.master == device.name):
                continue  # a bridge may have the MAC of its port: Linux's do, by default
            both = f"{name}:{other.name} and {node.name}:{device.name}"
            found.append(f"{both} are on one segment and both have MAC {mac_text(device.mac)}")
    return found


class _Segments:
    """Union-find over devices."""

    def __init__(self) -> None:
        self._up: dict[_Device, _Device] = {}

    def of(self, device: _Device) -> _Device:
        """The device that stands for the segment."""
        while (above := self._up.get(device, device)) != device:
            self._up[device] = self._up.get(above, above)
            device = above
        return device

    def join(self, one: _Device, other: _Device) -> None:
        """The two are on one segment."""
        self._up[self.of(other)] = self.of(one)
