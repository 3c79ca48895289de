"""A file that is read and not yet checked: each part with the value that a fault points at."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Interface

from pknet.topology.matrix_spec import MatrixSpec
from pknet.topology.rules_text import RulesText
from pknet.topology.spec import (
    LinkSpec,
    ListenSpec,
    NeighbourSpec,
    NodeKind,
    RouteSpec,
    Traffic,
)
from pknet.topology.value import Fields, Value


@dataclass(slots=True)
class RawInterface:
    """An interface or a bridge; ``value`` is None for the bridge that a switch has by itself."""

    name: str
    value: Value | None = None
    fields: Fields = field(default_factory=Fields)
    addresses: list[tuple[Value, IPv4Interface]] = field(default_factory=list)
    mac: bytes | None = None
    mtu: int | None = None
    master: str | None = None
    hairpin: bool = False
    up: bool = True


@dataclass(slots=True)
class RawNode:
    """A node; ``order`` is that of its interfaces in ``links``."""

    name: str
    value: Value
    kind: NodeKind = "linux"
    forwarding: bool = False
    bridges: dict[str, RawInterface] = field(default_factory=dict)
    interfaces: dict[str, RawInterface] = field(default_factory=dict)
    routes: list[tuple[Value, RouteSpec]] = field(default_factory=list)
    neighbours: list[tuple[Value, NeighbourSpec]] = field(default_factory=list)
    sysctls: list[tuple[Value, str, int | str]] = field(default_factory=list)
    iptables: RulesText = field(default_factory=RulesText)
    ipset: RulesText = field(default_factory=RulesText)
    listen: list[ListenSpec] = field(default_factory=list)
    order: list[str] = field(default_factory=list)

    @property
    def devices(self) -> list[str]:
        """What a route may name: ``lo``, the interfaces, the bridges."""
        return ["lo", *self.order, *self.bridges]


@dataclass(slots=True)
class RawLink:
    """A link, and its two ends as they stand in the file."""

    spec: LinkSpec
    ends: tuple[Value, Value]


@dataclass(slots=True)
class RawItem:
    """A traffic item."""

    spec: Traffic
    value: Value
    fields: Fields
    expect: Fields


@dataclass(slots=True)
class Raw:
    """A whole file."""

    name: str
    seed: int
    nodes: dict[str, RawNode]
    links: list[RawLink]
    traffic: list[RawItem]
    matrix: MatrixSpec | None
