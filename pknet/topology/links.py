"""``links``: what is plugged into what.

Law: an interface exists because a link makes it; the order of links is the order of ports.
"""

from __future__ import annotations

from typing import cast

from yaml.nodes import MappingNode

from pknet.link.cable import DELAY
from pknet.link.veth import LATENCY
from pknet.topology import units
from pknet.topology.names import endpoint
from pknet.topology.raw import RawLink, RawLinks, Unclear
from pknet.topology.spec import LinkKind, LinkSpec
from pknet.topology.value import Fields, Value, parsed

_CABLE = ("delay", "loss", "rate", "up")
LINK_KEYS = ("endpoints", "type", *_CABLE)
_ENDS = "a link has two ends: [NODE:INTERFACE, NODE:INTERFACE]"


def links(value: Value) -> RawLinks:
    """All that could be read."""
    found = RawLinks()
    before = len(value.source.faults)
    items = value.items()
    if len(value.source.faults) > before:
        found.unclear.append(Unclear())
    for item in items:
        _link(item, found)
    return found


def _link(value: Value, found: RawLinks) -> None:
    """``[A1:eth0, A:vA1]``, or a mapping with ``endpoints``."""
    fields, ends = Fields(), value
    if isinstance(value.node, MappingNode):
        fields = value.fields(*LINK_KEYS)
        if "endpoints" not in fields:
            value.fault(f"'endpoints' is missing; {_ENDS}")
            found.unclear.append(Unclear())
            return
        ends = fields["endpoints"]
    before = len(value.source.faults)
    values = ends.items()
    if len(values) != 2 and len(value.source.faults) == before:
        ends.fault(f"{_ENDS}, not {len(values)}")
    pair = [(end, name) for end in values if (name := end.parsed(endpoint)) is not None]
    properties = _properties(fields)
    if len(values) == len(pair) == 2:
        spec = LinkSpec(pair[0][1], pair[1][1], *properties)
        found.whole.append(RawLink(spec, (values[0], values[1])))
        return
    found.ends += pair
    if len(pair) < max(len(values), 2):
        found.unclear.append(Unclear())


def _properties(fields: Fields) -> tuple[LinkKind, int, float, int, bool]:
    kind = cast(LinkKind, fields.read("type", lambda it: it.choice("veth", "cable"), "veth"))
    if kind == "veth":
        for name in (name for name in _CABLE if name in fields):
            fields[name].fault_key(f"a veth pair has no {name}; it is for 'type: cable'")
    return (
        kind,
        fields.read("delay", parsed(units.delay), DELAY if kind == "cable" else LATENCY),
        fields.read("loss", parsed(units.share), 0.0),
        fields.read("rate", parsed(units.rate), 0),
        fields.read("up", Value.boolean, True),
    )
