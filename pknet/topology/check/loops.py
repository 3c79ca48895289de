"""No circle of bridges: what one floods would go round in it for ever.

Law: only what carries counts. A link or an end that is down, a cable that loses everything, and
whatever routes (a host, a pod, a router, a tunnel) break a circle.

    bridge = (node, name)      links between ports join bridges
    the first link that joins two bridges is a branch of a tree; one more between bridges that
    are joined already closes a circle: itself, and the way between its ends in the tree
    a hairpin port sends back what a branch brings: two that face each other do so for ever
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice

from pknet.topology.defaults import SWITCH_BRIDGE
from pknet.topology.fault import Fault, listed
from pknet.topology.raw import RawInterface, RawLink, RawNode
from pknet.topology.segments import Device, Segments

_Tree = dict[Device, list[tuple[Device, RawLink]]]

TOLD = 100  # circles of one file: each has a cause of its own, and a bad file is not to take long
_CURE = "spanning tree is not modelled: remove one of these links, or give an end 'up: false'"
_DEVICES = re.compile(r"nodes\.[^ ]*\.(interfaces|bridges)\b")


def check_loops(nodes: Mapping[str, RawNode], links: Sequence[RawLink]) -> None:
    """Note each link that closes a circle, and each hairpin port that faces another.

    Where devices or links have faults, nothing is looked for: they may be what breaks it.
    """
    if not links or any(map(_of_wiring, links[0].ends[0].source.faults)):
        return
    tree: _Tree = {}
    segments = Segments()
    closing = []
    for link in links:
        ends = _joined(nodes, link)
        if ends is not None and segments.join(*ends):
            tree.setdefault(ends[0], []).append((ends[1], link))
            tree.setdefault(ends[1], []).append((ends[0], link))
        elif ends is not None:
            closing.append((ends, link))
    for (one, other), link in islice(closing, TOLD):
        circle = [link, *_way(_ways(tree, other), one)]
        link.ends[0].fault(f"a layer-2 loop: {listed(map(_words, circle))}; {_CURE}")
    _check_hairpins(nodes, tree, links)


def _check_hairpins(nodes: Mapping[str, RawNode], tree: _Tree, links: Sequence[RawLink]) -> None:
    """Note each that faces one before it."""
    before: list[tuple[Device, Device, RawLink]] = []  # bridge, port, the branch that ends there
    for branch in links:
        for port, value in zip((branch.spec.a, branch.spec.b), branch.ends, strict=True):
            here = _bridge(nodes, port)
            if here is None or not _port(nodes, port).hairpin or not _has(tree, here, branch):
                continue
            ways = _ways(tree, here)
            for there, other, far in before:
                way = _way(ways, there)
                if way and way[0] is branch and way[-1] is far:
                    value.fault(_to_and_fro(other, port))
                    break
            else:
                before.append((here, port, branch))


def _has(tree: _Tree, bridge: Device, link: RawLink) -> bool:
    return any(branch is link for _, branch in tree.get(bridge, ()))


def _to_and_fro(one: Device, other: Device) -> str:
    both = f"the hairpin ports {':'.join(one)} and {':'.join(other)}"
    cure = "take 'hairpin' from one of them"
    return f"a layer-2 loop: what is flooded goes to and fro between {both}; {cure}"


def _of_wiring(fault: Fault) -> bool:
    """Whether it is about links, or devices."""
    return fault.path.startswith("links") or bool(_DEVICES.match(fault.path))


def _joined(nodes: Mapping[str, RawNode], link: RawLink) -> tuple[Device, Device] | None:
    """The bridges at its ends; None where it joins none, or carries nothing."""
    one, other = _bridge(nodes, link.spec.a), _bridge(nodes, link.spec.b)
    if one is None or other is None or not link.spec.up or link.spec.loss >= 1:
        return None
    return one, other


def _bridge(nodes: Mapping[str, RawNode], end: Device) -> Device | None:
    """That which has ``end`` as its port, both of them up."""
    port = _port(nodes, end)
    bridge = nodes[end[0]].bridges.get(port.master or "")
    if bridge is None or not bridge.up or not port.up:
        return None
    return end[0], bridge.name


def _port(nodes: Mapping[str, RawNode], end: Device) -> RawInterface:
    """As configured; one that is not is a port of the bridge that its switch has by itself."""
    node, name = nodes[end[0]], end[1]
    if name in node.interfaces:
        return node.interfaces[name]
    own = node.bridges.get(SWITCH_BRIDGE)
    by_itself = own is not None and own.value is None
    return RawInterface(name, master=SWITCH_BRIDGE if by_itself else None)


def _ways(tree: _Tree, start: Device) -> dict[Device, tuple[Device, RawLink]]:
    """How each bridge that ``start`` is joined to is come to: from which, and by which branch."""
    came: dict[Device, tuple[Device, RawLink]] = {}
    waiting = [start]
    while waiting:
        here = waiting.pop()
        for there, link in tree.get(here, ()):
            if there not in came and there != start:
                came[there] = here, link
                waiting.append(there)
    return came


def _way(ways: Mapping[Device, tuple[Device, RawLink]], goal: Device) -> list[RawLink]:
    """The branches from the start of ``ways`` to ``goal``, in order."""
    links = []
    while goal in ways:
        goal, link = ways[goal]
        links.append(link)
    return links[::-1]


def _words(link: RawLink) -> str:
    return " = ".join(f"{node}:{name}" for node, name in (link.spec.a, link.spec.b))
