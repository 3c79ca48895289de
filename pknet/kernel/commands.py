"""What ``ip -batch`` is told, from a Spec: pure text, in three stages.

    links_of(spec)    once, from one namespace: every bridge and every cable or veth pair, each end
                      created right inside its own namespace
    tunnels_of(node)  in each namespace: vxlan and ipip devices; then fdb_of(node) for ``bridge``
    setup_of(node)    in each namespace: ports join (in the order of ``links``: the bridge floods to
                      the newest port first), addresses, up, routes, permanent neighbours

Law: nothing is sent and nothing is chosen here; names, MACs and MTUs are the Spec's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count

from pknet.kernel.errors import KernelUnsupportedError
from pknet.overlay.vxlan import VxlanConfig
from pknet.topology.spec import InterfaceSpec, LinkSpec, NodeSpec, Spec, TunnelSpec
from pknet.wire.address import mac_text

_AFTER_LO = 2  # lo is 1


def links_of(spec: Spec, paths: Mapping[str, str]) -> Iterator[str]:
    """``paths`` gives each node's namespace as a file.

    Raises KernelUnsupportedError for a link with loss, a rate, or a pulled cable.
    """
    interfaces = {(node.name, each.name): each for node in spec.nodes for each in node.interfaces}
    # No two devices of a topology have the same index: link watch lets a device whose index equals
    # its peer's wait for up to a second (linkwatch_urgent_event), and by default both are 2.
    index = count(_AFTER_LO)
    for link in spec.links:
        _refuse(link)
        ends = [
            f"name {end[1]} index {next(index)} netns {paths[end[0]]}"
            f" address {mac_text(interfaces[end].mac)} mtu {interfaces[end].mtu}"
            for end in (link.a, link.b)
        ]
        yield f"link add {ends[0]} type veth peer {ends[1]}"
    # Bridges last, as everywhere: where any address will do, the first device's is taken.
    for node in spec.nodes:
        for bridge in node.bridges:
            yield (
                f"link add name {bridge.name} index {next(index)} netns {paths[node.name]}"
                f" address {mac_text(bridge.mac)}"
                " type bridge stp_state 0 forward_delay 0 mcast_snooping 0"
            )


def tunnels_of(node: NodeSpec) -> Iterator[str]:
    """In each namespace, once what tunnels stand on is there.

    Their indices come by themselves: nobody is a tunnel's peer.
    """
    for tunnel in node.tunnels:
        # Only VXLAN has an address of its own; an MTU is set later, when nothing clamps it.
        mac = f" address {mac_text(tunnel.mac)}" if tunnel.mac else ""
        yield f"link add name {tunnel.name}{mac} type {tunnel.text}{_quiet(tunnel)}"
        yield f"link set {tunnel.name} mtu {tunnel.mtu}"


def _quiet(tunnel: TunnelSpec) -> str:
    """The port, where the file leaves it open: iproute2 warns where it is not told."""
    config = tunnel.config
    if not isinstance(config, VxlanConfig) or "dstport" in tunnel.text.split():
        return ""
    return f" dstport {config.port}"


def fdb_of(node: NodeSpec) -> Iterator[str]:
    """In each namespace, for ``bridge -batch``."""
    for entry in node.fdb:
        state = "static" if entry.static else "permanent"
        words = [f"fdb append {mac_text(entry.mac)} dev {entry.dev} dst {entry.destination}"]
        words += [f"port {entry.port}"] if entry.port else []
        words += [f"vni {entry.vni}"] if entry.vni else []
        yield " ".join([*words, "self", state])


def setup_of(node: NodeSpec) -> Iterator[str]:
    """Everything in one namespace, once its devices are there."""
    yield "link set lo up"
    for port in node.interfaces:
        if port.master is not None:
            yield f"link set {port.name} master {port.master}"
            if port.hairpin:
                yield f"link set {port.name} type bridge_slave hairpin on"
    for bridge in node.bridges:  # after its ports: each port that joins lowers an automatic MTU
        yield f"link set {bridge.name} mtu {bridge.mtu}"
    # Bridges first: one that is opened when a port already carries is not urgent to link watch.
    for interface in (*node.bridges, *node.interfaces, *node.tunnels):
        yield from _bring_up(interface)
    for route in node.routes:
        yield f"route add {route.text}"
    for entry in node.neighbours:
        yield f"neigh add {entry.address} lladdr {mac_text(entry.mac)} dev {entry.dev}"


def _bring_up(interface: InterfaceSpec) -> Iterator[str]:
    for address in interface.addresses:
        yield f"addr add {address.with_prefixlen} dev {interface.name}"
    if interface.up:
        yield f"link set {interface.name} up"


def _refuse(link: LinkSpec) -> None:
    """A veth loses nothing, has no rate and cannot be pulled; netem is not in every kernel."""
    for name, asked in (("loss", link.loss), ("rate", link.rate), ("up: false", not link.up)):
        if asked:
            raise KernelUnsupportedError(
                f"link {':'.join(link.a)} - {':'.join(link.b)}: {name} is not supported by the"
                f" kernel backend; leave {name} out of a topology that the kernel is to judge"
            )
