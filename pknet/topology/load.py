"""A topology file -> a Spec.

Law: read once, check everything, and report all faults together.

    compose      text -> YAML nodes, with limits         document
    read         nodes -> Raw, each part by itself       nodes, links, traffic
    check        what one part says of another           check
    fill in      MACs, MTUs, a switch's bridge           defaults
                 sources that a frame leaves open        addressed
                 hosts of a pingall, new source ports    streams, source_ports
"""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path

from pknet.topology.addressed import addressed
from pknet.topology.check import check
from pknet.topology.defaults import node_spec, own_bridge
from pknet.topology.document import FileError, compose, read_file
from pknet.topology.fault import Fault, TopologyError
from pknet.topology.hosts import addresses, hosts
from pknet.topology.item import Traffic
from pknet.topology.links import links
from pknet.topology.matrix import matrix
from pknet.topology.names import node_name
from pknet.topology.nodes import nodes
from pknet.topology.pairs import pairs
from pknet.topology.place import Place
from pknet.topology.raw import Raw, RawLinks
from pknet.topology.source import Source
from pknet.topology.source_ports import with_ports
from pknet.topology.spec import NodeSpec, Spec
from pknet.topology.streams import with_hosts
from pknet.topology.traffic import traffic
from pknet.topology.value import Value, integer, parsed
from pknet.topology.warnings import warnings

TOPOLOGY_KEYS = ("name", "seed", "nodes", "links", "traffic", "matrix")
DEFAULT_SEED = 1
MAX_SEED = 2**63 - 1


def load(path: Path) -> Spec:
    """Read and check ``path``. Raises TopologyError with every fault."""
    try:
        text = read_file(path)
    except FileError as error:
        raise TopologyError([Fault(Place(str(path), 1, 1), "", f"the file {error}")]) from None
    return load_text(text, path)


def load_text(text: str, path: Path) -> Spec:
    """The same for text that is already read; ``path`` is for messages and ``{file: …}``."""
    source = Source(str(path), text)
    raw = _read(Value(source, compose(text, source.file)), path.parent)
    check(raw)
    if source.faults:
        raise TopologyError(source.faults)
    specs = tuple(node_spec(node, position) for position, node in enumerate(raw.nodes.values(), 1))
    joined = tuple(link.spec for link in raw.links.whole)
    known, ends = addresses(raw.nodes), hosts(raw.nodes)
    spec = Spec(
        raw.name, raw.seed, specs, joined, _items(raw, specs, known, ends), path,
        warnings(specs, joined), tuple((name, known[name]) for name in ends), raw.matrix,
    )  # fmt: skip
    if spec.matrix is not None:
        pairs(spec)  # raises where it names what is not there
    return spec


def _items(
    raw: Raw, nodes: tuple[NodeSpec, ...], known: dict[str, IPv4Address], ends: list[str]
) -> tuple[Traffic, ...]:
    filled = (with_hosts(addressed(item.spec, nodes), known, ends) for item in raw.traffic)
    return with_ports(tuple(filled), nodes)


def _read(root: Value, folder: Path) -> Raw:
    fields = root.fields(*TOPOLOGY_KEYS)
    for key in fields.missing("name", "nodes"):
        root.fault(f"the key {key!r} is missing")
    raw = Raw(
        fields.read("name", parsed(node_name), ""),
        fields.read("seed", integer(0, MAX_SEED), DEFAULT_SEED),
        fields.read("nodes", lambda value: nodes(value, folder), {}),
        fields.read("links", links, RawLinks()),
        fields.read("traffic", traffic, []),
        fields.read("matrix", matrix, None),
    )
    for node in raw.nodes.values():
        own_bridge(node)
    return raw
