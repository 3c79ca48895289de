"""What a topology file says, as frozen values.

Law: parsed once. Nothing above this floor reads YAML, and nothing below knows that a file was
there; a Lab is built from a Spec and a seed alone, and a Spec can be sent to another process.
Addresses are the stdlib's objects here (the edge), integers on the floors below.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path
from typing import Literal

from pknet.overlay.ipip import IpipConfig
from pknet.overlay.vxlan import VxlanConfig
from pknet.topology.item import Traffic
from pknet.topology.matrix_spec import MatrixSpec
from pknet.topology.place import Place

NodeKind = Literal["linux", "router", "switch", "node"]
LinkKind = Literal["veth", "cable"]
RouteType = Literal["unicast", "unreachable", "prohibit", "blackhole", "local", "throw"]


@dataclass(frozen=True, slots=True)
class InterfaceSpec:
    """An interface, or (as ``bridges``) a bridge device; MAC and MTU already defaulted."""

    name: str
    mac: bytes
    mtu: int
    addresses: tuple[IPv4Interface, ...] = ()
    master: str | None = None
    hairpin: bool = False
    up: bool = True


@dataclass(frozen=True, slots=True)
class TunnelSpec(InterfaceSpec):
    """A device that carries packets inside packets; ``text`` is what follows iproute2's ``type``.

    ``remote`` (of VXLAN) is the far end of every address without an entry; 0: none.
    """

    text: str = field(kw_only=True)
    config: VxlanConfig | IpipConfig = field(kw_only=True)
    remote: int = 0


@dataclass(frozen=True, slots=True)
class FdbSpec:
    """An entry of a VXLAN device, as ``bridge fdb append`` takes it.

    ``port`` and ``vni`` None: the device's own.
    """

    text: str
    mac: bytes
    dev: str
    destination: IPv4Address
    port: int | None = None
    vni: int | None = None
    static: bool = False


@dataclass(frozen=True, slots=True)
class RouteSpec:
    """One route as ``ip route add`` takes it: ``text`` is what the file says.

    ``scope`` is iproute2's default where the text gives none.
    """

    text: str
    prefix: IPv4Network
    via: IPv4Address | None = None
    dev: str | None = None
    src: IPv4Address | None = None
    metric: int = 0
    type: RouteType = "unicast"
    scope: Literal["global", "link", "host"] = "global"
    onlink: bool = False
    mtu: int | None = None
    protocol: str = "boot"  # iproute2's word for what added it


@dataclass(frozen=True, slots=True)
class NeighbourSpec:
    """A permanent neighbour entry."""

    address: IPv4Address
    mac: bytes
    dev: str


@dataclass(frozen=True, slots=True)
class ListenSpec:
    """A listener: TCP reads once (or until ``read`` bytes), replies, closes; UDP replies."""

    protocol: Literal["tcp", "udp"]
    port: int
    reply: bytes
    read: int | None = None


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """One network namespace. ``sysctls`` holds only what the file itself sets."""

    name: str
    kind: NodeKind
    forwarding: bool
    interfaces: tuple[InterfaceSpec, ...]  # in the order of ``links``
    bridges: tuple[InterfaceSpec, ...]
    routes: tuple[RouteSpec, ...] = ()
    neighbours: tuple[NeighbourSpec, ...] = ()
    sysctls: tuple[tuple[str, int | str], ...] = ()
    iptables: str = ""
    iptables_place: Place | None = None  # where the text's first line stands
    ipset: str = ""
    ipset_place: Place | None = None
    listen: tuple[ListenSpec, ...] = ()
    tunnels: tuple[TunnelSpec, ...] = ()
    fdb: tuple[FdbSpec, ...] = ()

    @property
    def devices(self) -> tuple[InterfaceSpec, ...]:
        """All of them: interfaces, bridges, tunnels."""
        return (*self.interfaces, *self.bridges, *self.tunnels)


@dataclass(frozen=True, slots=True)
class LinkSpec:
    """Two interfaces joined. ``delay`` in nanoseconds, ``rate`` in bits a second (0: no limit)."""

    a: tuple[str, str]  # node, interface
    b: tuple[str, str]
    type: LinkKind
    delay: int
    loss: float = 0.0
    rate: int = 0
    up: bool = True


@dataclass(frozen=True, slots=True)
class Spec:
    """A whole topology."""

    name: str
    seed: int
    nodes: tuple[NodeSpec, ...]
    links: tuple[LinkSpec, ...]
    traffic: tuple[Traffic, ...]
    file: Path
    warnings: tuple[str, ...] = ()
    hosts: tuple[tuple[str, IPv4Address], ...] = ()  # ends of the network, and their addresses
    matrix: MatrixSpec | None = None
