"""Links join interfaces of nodes that are there, each interface once."""

from __future__ import annotations

from pknet.topology.fault import listed, near, shown
from pknet.topology.raw import Raw, RawNode, Unclear
from pknet.topology.value import Value


def check_links(raw: Raw) -> None:
    """Note the faults, and give each node its interfaces in the order of the links."""
    for link in raw.links.whole:
        _end(raw, link.spec.a, link.ends[0])
        if link.spec.a == link.spec.b:
            link.ends[1].fault("an interface linked to itself; a link joins two interfaces")
            raw.links.unclear.append(Unclear(node=link.spec.b[0]))
        else:
            _end(raw, link.spec.b, link.ends[1])
    for value, end in raw.links.ends:
        _end(raw, end, value)


def _end(raw: Raw, end: tuple[str, str], value: Value) -> None:
    name, interface = end
    node = raw.nodes.get(name)
    if node is None:
        known = f"{near(name, raw.nodes)}; nodes: {listed(raw.nodes)}"
        value.fault(f"there is no node {shown(name)}{known}")
        raw.links.unclear.append(Unclear(interface=interface))
    elif (why := _not_free(node, interface)) is not None:
        value.fault(why)
        raw.links.unclear.append(Unclear(node=name))
    else:
        node.order.append(interface)


def _not_free(node: RawNode, interface: str) -> str | None:
    """Why nothing can be plugged into it."""
    if interface in node.bridges:
        return f"{interface} is a bridge of {node.name}: link an interface that has it as master"
    if interface in node.tunnels:
        return f"{interface} is a tunnel of {node.name}: it has no link"
    if interface in node.order:
        return f"{node.name}:{interface} is linked twice; an interface has one link"
    return None
