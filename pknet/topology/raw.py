"""A file that is read and not yet checked: each part with the value that a fault points at."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface

from pknet.topology.item import Traffic
from pknet.topology.matrix_spec import MatrixSpec
from pknet.topology.rules_text import RulesText
from pknet.topology.spec import FdbSpec, LinkSpec, ListenSpec, NeighbourSpec, NodeKind, RouteSpec
from pknet.topology.tunnel_type import TunnelType
from pknet.topology.value import Fields, Value


@dataclass(slots=True)
class RawInterface:
    """An interface or a bridge; ``value`` is None for the bridge that a switch has by itself."""

    name: str
    value: Value | None = None
    fields: Fields = field(default_factory=Fields)
    addresses: list[tuple[Value, IPv4Interface]] = field(default_factory=list)
    all_read: bool = True  # whether those are all that the file gives it
    mac: bytes | None = None
    mtu: int | None = None
    master: str | None = None
    hairpin: bool = False
    up: bool = True


@dataclass(slots=True)
class RawTunnel:
    """A tunnel: what it has as a device, and what kind of one it is."""

    device: RawInterface
    type: TunnelType


@dataclass(slots=True)
class RawNode:
    """A node; ``order`` is that of its interfaces in ``links``."""

    name: str
    value: Value
    kind: NodeKind = "linux"
    forwarding: bool = False
    bridges: dict[str, RawInterface] = field(default_factory=dict)
    interfaces: dict[str, RawInterface] = field(default_factory=dict)
    tunnels: dict[str, RawTunnel] = field(default_factory=dict)
    fdb: list[tuple[Value, FdbSpec]] = field(default_factory=list)
    routes: list[tuple[Value, RouteSpec]] = field(default_factory=list)
    neighbours: list[tuple[Value, NeighbourSpec]] = field(default_factory=list)
    sysctls: list[tuple[Value, str, int | str]] = field(default_factory=list)
    iptables: RulesText = field(default_factory=RulesText)
    ipset: RulesText = field(default_factory=RulesText)
    listen: list[ListenSpec] = field(default_factory=list)
    order: list[str] = field(default_factory=list)

    @property
    def devices(self) -> list[str]:
        """What a route may name: ``lo``, the interfaces, the bridges, the tunnels."""
        return ["lo", *self.order, *self.bridges, *self.tunnels]

    @property
    def configured(self) -> list[RawInterface]:
        """Every device of which the file says something."""
        tunnels = (tunnel.device for tunnel in self.tunnels.values())
        return [*self.interfaces.values(), *self.bridges.values(), *tunnels]

    @property
    def own_addresses(self) -> set[IPv4Address]:
        """Those of its devices, and those that a local route makes its own, if they are few."""
        routes = (route.prefix for _, route in self.routes if route.type == "local")
        own = {address.ip for device in self.configured for _, address in device.addresses}
        return own | {prefix.network_address for prefix in routes if prefix.prefixlen == 32}


@dataclass(slots=True)
class RawLink:
    """A link, and its two ends as they stand in the file."""

    spec: LinkSpec
    ends: tuple[Value, Value]


@dataclass(frozen=True, slots=True)
class Unclear:
    """An interface that a faulty link may have meant; None: of any node, of any name."""

    node: str | None = None
    interface: str | None = None

    def may_be(self, node: str, interface: str) -> bool:
        """Whether it is that one."""
        return self.node in (None, node) and self.interface in (None, interface)


@dataclass(slots=True)
class RawLinks:
    """What could be read of ``links``: whole ones, ends of others, and what those may have meant.

    With it no interface is blamed for the fault of its link.
    """

    whole: list[RawLink] = field(default_factory=list)
    ends: list[tuple[Value, tuple[str, str]]] = field(default_factory=list)
    unclear: list[Unclear] = field(default_factory=list)


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
    links: RawLinks
    traffic: list[RawItem]
    matrix: MatrixSpec | None
