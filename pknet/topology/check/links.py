"""Links join interfaces of nodes that are there, each interface once."""

from __future__ import annotations

from pknet.topology.fault import listed, near, shown
from pknet.topology.raw import Raw
from pknet.topology.value import Value


def check_links(raw: Raw) -> None:
    """Note the faults, and give each node its interfaces in the order of the links."""
    for link in raw.links:
        if link.spec.a == link.spec.b:
            link.ends[1].fault("an interface linked to itself; a link joins two interfaces")
        for end, value in zip((link.spec.a, link.spec.b), link.ends, strict=True):
            if link.spec.a != link.spec.b or value is link.ends[0]:
                _end(raw, end, value)


def _end(raw: Raw, end: tuple[str, str], value: Value) -> None:
    name, interface = end
    node = raw.nodes.get(name)
    if node is None:
        value.fault(
            f"there is no node {shown(name)}{near(name, raw.nodes)}; nodes: {listed(raw.nodes)}"
        )
    elif interface in node.bridges:
        value.fault(f"{interface} is a bridge of {name}: link an interface that has it as master")
    elif interface in node.tunnels:
        value.fault(f"{interface} is a tunnel of {name}: it has no link")
    elif interface in node.order:
        value.fault(f"{name}:{interface} is linked twice; an interface has one link")
    else:
        node.order.append(interface)
