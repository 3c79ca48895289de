"""What a file leaves open: MACs, MTUs, and the bridge that a switch has by itself.

Law: a default depends on the order of the file and on nothing else.
"""

from __future__ import annotations

from pknet.link.interface import DEFAULT_MTU
from pknet.netns.br_netfilter import SYSCTL as BRIDGE_NF_CALL
from pknet.overlay.ipip import MTU as IPIP_MTU
from pknet.overlay.ipip import IpipConfig
from pknet.overlay.vxlan import HEADROOM
from pknet.topology.raw import RawInterface, RawNode, RawTunnel
from pknet.topology.spec import InterfaceSpec, NodeSpec, TunnelSpec

SWITCH_BRIDGE = "br0"


def own_bridge(node: RawNode) -> None:
    """A switch without bridges has one, with every interface as a port, and no netfilter in it."""
    if node.kind != "switch" or node.bridges:
        return
    node.bridges[SWITCH_BRIDGE] = RawInterface(SWITCH_BRIDGE)
    for interface in node.interfaces.values():
        interface.master = interface.master or SWITCH_BRIDGE
    if all(name != BRIDGE_NF_CALL for _, name, _ in node.sysctls):
        node.sysctls.append((node.value, BRIDGE_NF_CALL, 0))


def default_mac(node: int, device: int) -> bytes:
    """``02:00:00:NH:NL:II``, both from 1; beyond 255 devices the third byte counts on."""
    return bytes([2, 0, device >> 8, node >> 8, node & 255, device & 255])


def node_spec(raw: RawNode, position: int) -> NodeSpec:
    """The node at ``position`` (from 1), with every default filled in."""
    own = raw.bridges.get(SWITCH_BRIDGE)
    master = SWITCH_BRIDGE if own is not None and own.value is None else None
    devices = [raw.interfaces.get(name) or RawInterface(name, master=master) for name in raw.order]
    devices += raw.bridges.values()
    specs = [_device(it, default_mac(position, number)) for number, it in enumerate(devices, 1)]
    mtus = {spec.name: spec.mtu for spec in specs}
    tunnels = [
        _tunnel(it, default_mac(position, number), mtus)
        for number, it in enumerate(raw.tunnels.values(), len(devices) + 1)
    ]
    return NodeSpec(
        raw.name,
        raw.kind,
        raw.forwarding,
        tuple(specs[: len(raw.order)]),
        tuple(specs[len(raw.order) :]),
        tuple(spec for _, spec in raw.routes),
        tuple(spec for _, spec in raw.neighbours),
        tuple((name, value) for _, name, value in raw.sysctls),
        raw.iptables.text,
        raw.iptables.first,
        raw.ipset.text,
        raw.ipset.first,
        tuple(raw.listen),
        tuple(tunnels),
        tuple(spec for _, spec in raw.fdb),
    )


def _tunnel(raw: RawTunnel, mac: bytes, mtus: dict[str, int]) -> TunnelSpec:
    """Linux: vxlan_config_apply, ip_tunnel_bind_dev."""
    device, kind = raw.device, raw.type
    if isinstance(kind.config, IpipConfig):
        mac, mtu = b"", IPIP_MTU
    else:
        mtu = mtus[kind.dev] - HEADROOM if kind.dev else DEFAULT_MTU
    return TunnelSpec(
        device.name,
        device.mac or mac,
        device.mtu or mtu,
        tuple(address for _, address in device.addresses),
        up=device.up,
        text=kind.text,
        config=kind.config,
        remote=kind.remote,
    )


def _device(raw: RawInterface, mac: bytes) -> InterfaceSpec:
    return InterfaceSpec(
        raw.name,
        raw.mac or mac,
        raw.mtu or DEFAULT_MTU,
        tuple(address for _, address in raw.addresses),
        raw.master,
        raw.hairpin,
        raw.up,
    )
