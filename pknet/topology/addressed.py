"""A frame leaves with its interface's addresses, where its expression leaves them open.

Law: what an expression says stays; only what it leaves open is filled in, and only now, since
an interface's MAC may be a default that hangs on its place in the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pknet.topology.expression_bytes import expression_bytes
from pknet.topology.item import Send, Traffic
from pknet.topology.spec import InterfaceSpec, NodeSpec


def addressed(item: Traffic, nodes: Sequence[NodeSpec]) -> Traffic:
    """``item``, checked before, with the source MAC and address of the interface it leaves."""
    if not isinstance(item, Send) or item.interface is None:
        return item
    node = item.source.partition(":")[0]
    port = next(_port(it, item.interface) for it in nodes if it.name == node)
    address = int(port.addresses[0].ip) if port.addresses else 0
    wire, _ = expression_bytes(item.expression, port.mac, address)
    return replace(item, wire=wire)


def _port(node: NodeSpec, name: str) -> InterfaceSpec:
    return next(port for port in node.interfaces if port.name == name)
