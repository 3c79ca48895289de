"""Wire what a Spec declares.

Law: everything is made in the order in which the file names it, because Linux shows that order
(flooding, interface numbers), and everything is up when the first packet moves.
"""

from __future__ import annotations

from pknet.link.bridge import Bridge
from pknet.link.cable import Cable
from pknet.link.interface import Interface
from pknet.link.veth import Veth
from pknet.netns.namespace import Namespace
from pknet.netns.route import Route, RouteType, Scope
from pknet.netns.sysctl import Sysctls
from pknet.overlay.ipip import Ipip, IpipConfig
from pknet.overlay.vxlan import Vxlan
from pknet.overlay.vxlan_fdb import Remote
from pknet.sim import Clock, Rng
from pknet.topology.spec import (
    FdbSpec,
    InterfaceSpec,
    LinkSpec,
    NodeSpec,
    RouteSpec,
    Spec,
    TunnelSpec,
)
from pknet.trace import Trace
from pknet.wire.address import ZERO_MAC

_SCOPES = {"global": Scope.GLOBAL, "link": Scope.LINK, "host": Scope.HOST}


def build(spec: Spec, clock: Clock, rng: Rng, trace: Trace) -> dict[str, Namespace]:
    """The nodes of ``spec`` by name, linked, addressed, and listening."""
    nodes = {node.name: _devices(node, clock, rng, trace) for node in spec.nodes}
    for index, link in enumerate(spec.links):
        _join(link, nodes, clock, rng, index)
    for node in spec.nodes:
        _configure(nodes[node.name], node)
    return nodes


def _devices(node: NodeSpec, clock: Clock, rng: Rng, trace: Trace) -> Namespace:
    namespace = Namespace(node.name, clock, rng, trace, Sysctls.of(node.sysctls, node.forwarding))
    for spec in node.interfaces:
        interface = namespace.add_interface(spec.name, spec.mac, spec.mtu)
        interface.hairpin = spec.hairpin
    for spec in node.bridges:
        namespace.add_bridge(spec.name, spec.mac, spec.mtu)
    for tunnel in node.tunnels:
        _add_tunnel(namespace, tunnel)
    return namespace


def _add_tunnel(namespace: Namespace, spec: TunnelSpec) -> None:
    """``ip link add … type …``; it listens once it is up."""
    config = spec.config
    if isinstance(config, IpipConfig):
        device: Ipip | Vxlan = Ipip(namespace, spec.name, spec.mtu, config)
    else:
        device = Vxlan(namespace, spec.name, spec.mac, spec.mtu, config)
        if spec.remote:
            device.fdb.append(ZERO_MAC, Remote(spec.remote, config.port, config.vni))
    namespace.attach(device)
    if spec.up:
        device.open()


def _join(link: LinkSpec, nodes: dict[str, Namespace], clock: Clock, rng: Rng, index: int) -> None:
    a, b = (nodes[node].interfaces[name] for node, name in (link.a, link.b))
    if link.type == "veth":
        Veth(clock, a, b)
        return
    chance = rng.stream(f"cable/{index}")
    cable = Cable(clock, chance, a, b, delay=link.delay, loss=link.loss, rate=link.rate)
    cable.up = link.up


def _configure(namespace: Namespace, node: NodeSpec) -> None:
    for spec in node.devices:
        interface = namespace.interfaces[spec.name]
        _enslave(namespace, interface, spec)
        interface.up = spec.up
        for address in spec.addresses:
            namespace.addresses.add(interface, int(address.ip), address.network.prefixlen)
    for fdb in node.fdb:
        _add_fdb_entry(namespace, fdb)
    for route in node.routes:
        add_route(namespace, route)
    for entry in node.neighbours:
        interface = namespace.interfaces[entry.dev]
        namespace.neighbours.add_permanent(int(entry.address), interface, entry.mac)
    if node.iptables:
        namespace.firewall.load(node.iptables, node.ipset)
    for listener in node.listen:
        namespace.sockets.listen(listener.protocol, listener.port, listener.reply, listener.read)


def _enslave(namespace: Namespace, interface: Interface, spec: InterfaceSpec) -> None:
    if spec.master is not None:
        bridge = namespace.interfaces[spec.master]
        assert isinstance(bridge, Bridge)
        bridge.add_port(interface)


def _add_fdb_entry(namespace: Namespace, spec: FdbSpec) -> None:
    """``bridge fdb append``."""
    device = namespace.interfaces[spec.dev]
    assert isinstance(device, Vxlan)
    config = device.config
    remote = Remote(int(spec.destination), spec.port or config.port, spec.vni or config.vni)
    device.fdb.append(spec.mac, remote, "static" if spec.static else "permanent")


def add_route(namespace: Namespace, spec: RouteSpec) -> Route:
    """``ip route add``; the device of a route with ``via`` alone is that of the way to ``via``."""
    via = int(spec.via) if spec.via else 0
    dev = namespace.interfaces[spec.dev] if spec.dev else None
    if via and dev is None:
        way = namespace.fib.lookup(via)
        dev = way.dev if way else None
    route = Route(
        int(spec.prefix.network_address), spec.prefix.prefixlen, RouteType(spec.type), via, dev,
        int(spec.src) if spec.src else 0, spec.metric, _SCOPES[spec.scope], spec.protocol,
        mtu=spec.mtu or 0, onlink=spec.onlink,
    )  # fmt: skip
    table = namespace.fib.local if route.type is RouteType.LOCAL else namespace.fib.main
    table.add(route)
    return route
