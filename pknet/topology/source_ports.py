"""The source ports of ``sport: new``: for each packet one that nothing else of its node uses.

Law: every packet is a connection that was not there before, so no port is given out twice, and
where there are too few of them the file is at fault.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from pknet.topology.bulk import UdpConnections
from pknet.topology.item import Traffic, Udp
from pknet.topology.raw import RawItem, RawNode
from pknet.topology.spec import ListenSpec, NodeSpec

#: Those first that Linux gives to nobody by itself (net.ipv4.ip_local_port_range).
_ORDER = (range(1024, 32768), range(61000, 65536), range(32768, 61000))


def check_ports(items: Sequence[RawItem], node: RawNode) -> None:
    """Note the item with which the ports of ``node`` come to their end."""
    own = [item for item in items if item.spec.source == node.name]
    if not any(isinstance(item.spec, UdpConnections) for item in own):
        return
    left = sum(1 for _ in _free(node.listen, [item.spec for item in own]))
    for item in own:
        if isinstance(item.spec, UdpConnections):
            if item.spec.count > left:
                item.fields["count"].fault(
                    f"{item.spec.count} connections, and {node.name} has {left} source ports left "
                    "for new ones; take fewer, or another node as well"
                )
            left -= min(left, item.spec.count)


def with_ports(items: Sequence[Traffic], nodes: Sequence[NodeSpec]) -> tuple[Traffic, ...]:
    """Each item with its ports, in the order of the file."""
    asking = {item.source for item in items if isinstance(item, UdpConnections)}
    free = {
        node.name: _free(node.listen, [item for item in items if item.source == node.name])
        for node in nodes
        if node.name in asking
    }
    return tuple(
        dataclasses.replace(item, sports=tuple(next(free[item.source]) for _ in range(item.count)))
        if isinstance(item, UdpConnections)
        else item
        for item in items
    )


def _free(listen: Iterable[ListenSpec], own: Iterable[Traffic]) -> Iterator[int]:
    """The ports that neither a listener nor a fixed ``sport`` has."""
    taken = {listener.port for listener in listen if listener.protocol == "udp"}
    taken |= {item.sport for item in own if isinstance(item, Udp) and item.sport is not None}
    return (port for port in chain.from_iterable(_ORDER) if port not in taken)
