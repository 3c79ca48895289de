"""Which nodes are hosts: ends of the network, that ask and answer, and carry nobody's packets.

Law: a host is a node of kind linux that does not forward and has an address: a pod, a client.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address

from pknet.topology.raw import RawNode


def addresses(nodes: Mapping[str, RawNode]) -> dict[str, IPv4Address]:
    """The first address of every node that has one, interfaces before bridges."""
    found = {name: _address(node) for name, node in nodes.items()}
    return {name: address for name, address in found.items() if address is not None}


def hosts(nodes: Mapping[str, RawNode]) -> list[str]:
    """Their names, in the order of the file."""
    ends = [node for node in nodes.values() if node.kind == "linux" and not node.forwarding]
    return [node.name for node in ends if _address(node) is not None]


def _address(node: RawNode) -> IPv4Address | None:
    """Interfaces in the order of their links."""
    plugged = [node.interfaces[name] for name in node.order if name in node.interfaces]
    for device in (*plugged, *node.bridges.values()):
        if device.addresses:
            return device.addresses[0][1].ip
    return None
