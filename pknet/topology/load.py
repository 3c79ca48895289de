"""A topology file -> a Spec.

Law: read once, check everything, and report all faults together.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Interface
from pathlib import Path
from typing import cast

from yaml.nodes import MappingNode, Node

from pknet.link.cable import DELAY
from pknet.link.interface import DEFAULT_MTU
from pknet.link.veth import LATENCY
from pknet.netns.br_netfilter import SYSCTL as BRIDGE_NF_CALL
from pknet.topology import check, units
from pknet.topology.document import compose, read_file
from pknet.topology.fault import TopologyError
from pknet.topology.names import endpoint, node_name
from pknet.topology.nodes import NodeReader, RawInterface, RawNode
from pknet.topology.reader import Reader
from pknet.topology.spec import (
    InterfaceSpec, LinkKind, LinkSpec, NeighbourSpec, NodeKind, NodeSpec, Place, Spec,
)  # fmt: skip
from pknet.topology.traffic import RawItem, TrafficReader

_KEYS = ("name", "seed", "nodes", "links", "traffic")
_LINK_KEYS = ("endpoints", "type", "delay", "loss", "rate", "up")
MAX_INTERFACES = 255  # of one node: the last byte of a default MAC


@dataclass(slots=True)
class RawLink:
    """A link with the YAML nodes that checks point at."""

    spec: LinkSpec
    node: Node
    path: str


@dataclass(slots=True)
class Raw:
    """A whole file, read and not yet checked."""

    reader: Reader
    root: MappingNode
    nodes: dict[str, RawNode]
    links: list[RawLink]
    traffic: list[RawItem]


def load(path: Path) -> Spec:
    """Read and check ``path``. Raises TopologyError with every fault."""
    text = read_file(path, Place(str(path), 1, 1), "the topology")
    return load_text(text, path)


def load_text(text: str, path: Path) -> Spec:
    """The same for text that is already read; ``path`` is for messages and ``file:``."""
    file = str(path)
    root = compose(text, file)
    reader = Reader(file)
    fields = reader.fields(root, "", _KEYS)
    for key in ("name", "nodes"):
        if key not in fields:
            reader.fault(root, "", f"the key {key!r} is missing")
    name = reader.parsed(fields["name"], "name", node_name) if "name" in fields else None
    seed = reader.integer(fields["seed"], "seed", 0, 2**63 - 1) if "seed" in fields else 1
    raw = Raw(
        reader,
        root,
        NodeReader(reader, path.parent).nodes(fields["nodes"]) if "nodes" in fields else {},
        _links(reader, fields["links"]) if "links" in fields else [],
        TrafficReader(reader).items(fields["traffic"]) if "traffic" in fields else [],
    )
    order = check.links(raw)
    nodes = tuple(
        _node(raw.nodes[n], index, order[n], reader) for index, n in enumerate(raw.nodes, 1)
    )
    check.nodes(raw, nodes)
    check.traffic(raw, nodes)
    if reader.faults:
        raise TopologyError(reader.faults)
    links = tuple(link.spec for link in raw.links)
    items = tuple(item.spec for item in raw.traffic)
    return Spec(name or "", seed or 0, nodes, links, items, path, check.warnings(nodes, links))


def _links(reader: Reader, node: Node) -> list[RawLink]:
    found = []
    for index, item in enumerate(reader.items(node, "links")):
        path = f"links[{index}]"
        spec = _link(reader, item, path)
        if spec is not None:
            found.append(RawLink(spec, item, path))
    return found


def _link(reader: Reader, item: Node, path: str) -> LinkSpec | None:
    """``[A1:eth0, A:vA1]``, or a mapping with ``endpoints``."""
    fields: dict[str, Node] = {}
    ends = item
    if isinstance(item, MappingNode):
        fields = reader.fields(item, path, _LINK_KEYS)
        if "endpoints" not in fields:
            reader.fault(item, path, "'endpoints' is missing: [NODE:INTERFACE, NODE:INTERFACE]")
            return None
        ends = fields["endpoints"]
    places = [reader.parsed(end, path, endpoint) for end in reader.items(ends, path)]
    if len(places) != 2:
        reader.fault(ends, path, "a link has two ends: [NODE:INTERFACE, NODE:INTERFACE]")
        return None
    a, b = places
    kind = cast(LinkKind, "veth")
    if "type" in fields:
        kind = cast(LinkKind, reader.choice(fields["type"], f"{path}.type", ("veth", "cable")))
    extras = _cable_fields(reader, fields, path, kind)
    if a is None or b is None or kind is None or extras is None:
        return None
    delay, loss, rate, up = extras
    return LinkSpec(a, b, kind, delay, loss, rate, up)


def _cable_fields(
    reader: Reader, fields: dict[str, Node], path: str, kind: LinkKind
) -> tuple[int, float, int, bool] | None:
    given = [name for name in ("delay", "loss", "rate", "up") if name in fields]
    if kind == "veth" and given:
        reader.fault(fields[given[0]], path, f"only a link of type cable has {', '.join(given)}")
        return None
    delay = DELAY if kind == "cable" else LATENCY
    loss, rate, up = 0.0, 0, True
    if "delay" in fields:
        delay = reader.parsed(fields["delay"], f"{path}.delay", units.duration) or 0
    if "loss" in fields:
        loss = reader.parsed(fields["loss"], f"{path}.loss", units.share) or 0.0
    if "rate" in fields:
        rate = reader.parsed(fields["rate"], f"{path}.rate", units.rate) or 0
    if "up" in fields:
        up = reader.boolean(fields["up"], f"{path}.up") is not False
    return max(delay, 1), loss, rate, up


def _node(raw: RawNode, index: int, order: list[str], reader: Reader) -> NodeSpec:
    """Default MACs are 02:00:00:NH:NL:II: the node's position, the interface's order."""
    bridges, sysctls = dict(raw.bridges), list(raw.sysctls)
    masters = {name: raw.interfaces[name].master for name in order if name in raw.interfaces}
    if raw.kind == "switch":
        sysctls = [(BRIDGE_NF_CALL, 0), *sysctls]
        if not bridges:
            bridges["br0"] = RawInterface("br0", raw.node, f"{raw.path}.bridges.br0")
            masters = dict.fromkeys(order, "br0")
    if len(order) + len(bridges) > MAX_INTERFACES:
        reader.fault(raw.node, raw.path, f"more than {MAX_INTERFACES} interfaces")
    names = [*order, *bridges]
    specs = []
    for number, name in enumerate(names, 1):
        part = bridges[name] if name in bridges else raw.interfaces.get(name)
        default = bytes([2, 0, 0, index >> 8 & 255, index & 255, number & 255])
        specs.append(_interface(part, name, default, masters.get(name)))
    return NodeSpec(
        raw.name, cast(NodeKind, raw.kind), raw.forwarding, tuple(specs[: len(order)]),
        tuple(specs[len(order) :]), tuple(spec for _, spec in raw.routes),
        tuple(NeighbourSpec(a, mac, dev) for _, a, mac, dev in raw.neighbours),
        tuple(sysctls), raw.iptables.text, raw.iptables.place, raw.ipset.text, raw.ipset.place,
        tuple(raw.listen),
    )  # fmt: skip


def _interface(
    raw: RawInterface | None, name: str, mac: bytes, master: str | None
) -> InterfaceSpec:
    if raw is None:
        return InterfaceSpec(name, mac, DEFAULT_MTU, master=master)
    addresses = tuple(cast(IPv4Interface, address) for _, address in raw.addresses)
    return InterfaceSpec(name, raw.mac or mac, raw.mtu or DEFAULT_MTU, addresses, master,
                         raw.hairpin, raw.up)  # fmt: skip
