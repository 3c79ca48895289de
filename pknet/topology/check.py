"""What can only be checked when the whole file is known.

Law: every name that one part uses, another part declares.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from pknet.netns.netfilter import RulesError, parse
from pknet.topology.fault import Fault, near
from pknet.topology.spec import LinkSpec, NodeSpec, Place, RouteSpec, Send
from pknet.wire.address import mac_text
from pknet.wire.ethernet import HEADER_LENGTH

if TYPE_CHECKING:
    from pknet.topology.load import Raw
    from pknet.topology.nodes import RawNode, RawText
    from pknet.topology.traffic import RawItem


def links(raw: Raw) -> dict[str, list[str]]:
    """The interfaces of each node in the order of ``links``; faults are noted on the way."""
    order: dict[str, list[str]] = {name: [] for name in raw.nodes}
    for link in raw.links:
        if link.spec.a == link.spec.b:
            raw.reader.fault(link.node, link.path, "an interface linked to itself")
            continue
        for node, interface in (link.spec.a, link.spec.b):
            _end(raw, link, node, interface, order)
    for name, node in raw.nodes.items():
        for interface in node.interfaces.values():
            if interface.name not in order[name]:
                text = f"no link makes this interface; {name} has {_list(order[name])}"
                raw.reader.fault(interface.node, interface.path, text)
    return order


def _end(raw: Raw, link: object, node: str, interface: str, order: dict[str, list[str]]) -> None:
    from pknet.topology.load import RawLink
    from pknet.topology.names import interface_name

    assert isinstance(link, RawLink)
    if node not in raw.nodes:
        text = f"there is no node {node!r}{near(node, raw.nodes)}; nodes: {_list(raw.nodes)}"
        raw.reader.fault(link.node, link.path, text)
    elif interface in order[node]:
        raw.reader.fault(link.node, link.path, f"{node}:{interface} is linked twice")
    elif interface in raw.nodes[node].bridges:
        text = f"{node}:{interface} is a bridge: a link ends at an interface, which has a master"
        raw.reader.fault(link.node, link.path, text)
    else:
        try:
            order[node].append(interface_name(interface))
        except ValueError as error:
            raw.reader.fault(link.node, link.path, str(error))


def _list(names: object) -> str:
    return ", ".join(names) or "none"  # type: ignore[call-overload, no-any-return]


def nodes(raw: Raw, specs: tuple[NodeSpec, ...]) -> None:
    """Masters, devices, gateways and rules of every node."""
    for spec in specs:
        node = raw.nodes[spec.name]
        _masters(raw, node)
        _devices(raw, node, spec)
        _gateways(raw, node, spec)
        _rules(raw, node)


def _masters(raw: Raw, node: RawNode) -> None:
    for interface in node.interfaces.values():
        if interface.master is not None and interface.master not in node.bridges:
            assert interface.master_node is not None
            text = f"{node.name} has no bridge {interface.master!r}; bridges: {_list(node.bridges)}"
            raw.reader.fault(interface.master_node, f"{interface.path}.master", text)
        if interface.hairpin and interface.master is None and node.kind != "switch":
            text = "hairpin is a setting of a bridge port: 'master' is missing"
            raw.reader.fault(interface.node, interface.path, text)
    for name in node.bridges:
        if name in node.interfaces:
            raw.reader.fault(node.bridges[name].node, node.bridges[name].path,
                             f"{name} is an interface already")  # fmt: skip


def _devices(raw: Raw, node: RawNode, spec: NodeSpec) -> None:
    known = ["lo", *(part.name for part in (*spec.interfaces, *spec.bridges))]
    for item, route in node.routes:
        if route.dev is not None and route.dev not in known:
            raw.reader.fault(item, f"{node.path}.routes", _no_device(route.dev, known))
    for item, _, _, dev in node.neighbours:
        if dev not in known:
            raw.reader.fault(item, f"{node.path}.neighbours", _no_device(dev, known))


def _no_device(name: str, known: list[str]) -> str:
    return f"Cannot find device {name!r}{near(name, known)}; there are {_list(known)}"


def _gateways(raw: Raw, node: RawNode, spec: NodeSpec) -> None:
    """The kernel's "Nexthop has invalid gateway", and the same route twice."""
    seen: set[tuple[object, int]] = set()
    reachable = [a.network for part in (*spec.interfaces, *spec.bridges) for a in part.addresses]
    for item, route in node.routes:
        if (route.prefix, route.metric) in seen:
            text = f"File exists: a second route to {route.prefix} with that metric"
            raw.reader.fault(item, f"{node.path}.routes", text)
        seen.add((route.prefix, route.metric))
        if route.via is not None and not route.onlink and not _onlink(route, reachable):
            text = f"Nexthop has invalid gateway: {route.via} is on no subnet of {node.name}"
            raw.reader.fault(item, f"{node.path}.routes", text)
        if route.via is None and route.dev is not None:
            reachable.append(route.prefix)


def _onlink(route: RouteSpec, reachable: list[object]) -> bool:
    assert isinstance(route.via, IPv4Address)
    return any(route.via in network for network in reachable)  # type: ignore[operator]


def _rules(raw: Raw, node: RawNode) -> None:
    """The rules are parsed here for their faults; the namespace parses them again to have them."""
    if not node.iptables.text:
        return
    try:
        parse(node.iptables.text, node.ipset.text)
    except RulesError as error:
        for fault in error.faults:
            text = node.ipset if fault.source == "ipset" else node.iptables
            raw.reader.faults.append(_rule_fault(text, fault.line, fault.column, fault.message,
                                                 f"{node.path}.{fault.source}"))  # fmt: skip


def _rule_fault(text: RawText, line: int, column: int, message: str, path: str) -> Fault:
    assert text.place is not None
    place = Place(text.place.file, text.place.line + line - 1, column)
    return Fault(place, path, message)


def traffic(raw: Raw, specs: tuple[NodeSpec, ...]) -> None:
    """Every node and interface that an item names is there, and what it sends fits."""
    by_name = {spec.name: spec for spec in specs}
    for item in raw.traffic:
        _source(raw, item, by_name)
        expect = item.spec.expect
        for name in (expect.delivered, expect.dropped) if expect else ():
            if name is not None and name not in by_name:
                text = f"there is no node {name!r}{near(name, by_name)}"
                raw.reader.fault(item.node, f"{item.path}.expect", text)


def _source(raw: Raw, item: RawItem, by_name: dict[str, NodeSpec]) -> None:
    name, _, interface = item.spec.source.partition(":")
    path = f"{item.path}.from"
    if not name and not item.spec.source:
        return
    if name not in by_name:
        text = f"there is no node {name!r}{near(name, by_name)}; nodes: {_list(by_name)}"
        raw.reader.fault(item.source_node, path, text)
        return
    if not interface:
        return
    if not isinstance(item.spec, Send):
        raw.reader.fault(item.source_node, path, "only 'send' takes an interface")
        return
    ports = {part.name: part for part in by_name[name].interfaces}
    if interface not in ports:
        raw.reader.fault(item.source_node, path, _no_device(interface, list(ports)))
    elif len(item.spec.wire) > ports[interface].mtu + HEADER_LENGTH:
        size, mtu = len(item.spec.wire) - HEADER_LENGTH, ports[interface].mtu
        text = f"Message too long: {size} bytes after the Ethernet header, MTU {mtu}"
        raw.reader.fault(item.node, f"{item.path}.send", text)


def warnings(specs: tuple[NodeSpec, ...], joined: tuple[LinkSpec, ...]) -> tuple[str, ...]:
    """What Linux allows and is seldom meant."""
    found = []
    for spec in specs:
        seen: dict[object, str] = {}
        for part in (*spec.interfaces, *spec.bridges):
            for address in part.addresses:
                if address.ip in seen:
                    first = seen[address.ip]
                    found.append(f"{spec.name}: {address.ip} is on {first} and on {part.name}")
                seen[address.ip] = part.name
    found.extend(_same_macs(specs, joined))
    return tuple(found)


def _same_macs(specs: tuple[NodeSpec, ...], joined: tuple[LinkSpec, ...]) -> list[str]:
    """Two ends of one link with one MAC."""
    macs = {(s.name, i.name): i.mac for s in specs for i in s.interfaces}
    return [
        f"{':'.join(link.a)} and {':'.join(link.b)} both have MAC {mac_text(macs[link.a])}"
        for link in joined
        if macs.get(link.a) == macs.get(link.b) is not None
    ]
