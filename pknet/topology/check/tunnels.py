"""Tunnels stand on devices that are there, and their entries name tunnels that are there."""

from __future__ import annotations

from ipaddress import IPv4Address

from pknet.link.interface import DEFAULT_MTU
from pknet.overlay.ipip import IpipConfig
from pknet.overlay.vxlan import HEADROOM, VxlanConfig
from pknet.topology.check.devices import no_device
from pknet.topology.fault import listed
from pknet.topology.raw import RawNode, RawTunnel
from pknet.topology.spec import FdbSpec
from pknet.topology.value import Value
from pknet.wire.address import ZERO_MAC, is_multicast_mac, mac_text

_TO_ITSELF = "a tunnel from a node to itself is not modelled"


def check_tunnels(node: RawNode) -> None:
    """Note what clashes, and what names a device that is not there or not of its kind."""
    for tunnel in node.tunnels.values():
        _name(node, tunnel)
        _remote(node, tunnel)
        if isinstance(tunnel.type.config, VxlanConfig):
            _lower(node, tunnel)
            _listener(node, tunnel, tunnel.type.config)
        elif "mac" in tunnel.device.fields:
            tunnel.device.fields["mac"].fault_key("an ipip device has no MAC address")
    _twice(node)
    seen: set[tuple[str, bytes, IPv4Address | None]] = set()
    for value, entry in node.fdb:
        _entry(node, value, entry)
        _entry_twice(seen, value, entry)


def _name(node: RawNode, tunnel: RawTunnel) -> None:
    assert tunnel.device.value is not None
    name = tunnel.device.name
    if name in node.bridges:
        tunnel.device.value.fault_key(f"File exists: {name} is a bridge, too")


def _remote(node: RawNode, tunnel: RawTunnel) -> None:
    config = tunnel.type.config
    remote = IPv4Address(config.remote if isinstance(config, IpipConfig) else tunnel.type.remote)
    if remote in node.own_addresses or remote.is_loopback:
        text = f"remote {remote} is {node.name} itself"
        tunnel.device.fields["type"].fault(f"{text}: {_TO_ITSELF}")


def _lower(node: RawNode, tunnel: RawTunnel) -> None:
    """Linux: vxlan_config_validate, vxlan_change_mtu."""
    dev, fields = tunnel.type.dev, tunnel.device.fields
    if dev is None:
        return
    if dev not in node.order and dev not in node.bridges:
        fields["type"].fault(no_device(dev, [*node.order, *node.bridges]))
        return
    lower = node.interfaces.get(dev) or node.bridges.get(dev)
    limit = ((lower.mtu if lower else None) or DEFAULT_MTU) - HEADROOM
    if tunnel.device.mtu is not None and tunnel.device.mtu > limit:
        text = f"{tunnel.device.mtu} is more than {dev} can carry in one packet"
        fields["mtu"].fault(f"{text}; allowed: at most {limit}")


def _listener(node: RawNode, tunnel: RawTunnel, config: VxlanConfig) -> None:
    if any(it.protocol == "udp" and it.port == config.port for it in node.listen):
        text = f"Address already in use: udp {config.port} listens"
        tunnel.device.fields["type"].fault(text)


def _twice(node: RawNode) -> None:
    """Linux: vxlan_vni_in_use, ip_tunnel_find."""
    seen: dict[tuple[str, int, int], str] = {}
    for name, tunnel in node.tunnels.items():
        config = tunnel.type.config
        if isinstance(config, IpipConfig):
            key, what = ("ipip", config.local, config.remote), "the same two ends"
        else:
            key = ("vxlan", config.vni, config.port)
            what = f"VNI {config.vni} and port {config.port}"
        other = seen.setdefault(key, name)
        if other != name:
            tunnel.device.fields["type"].fault(f"File exists: {other} has {what}, too")


def _entry(node: RawNode, value: Value, entry: FdbSpec) -> None:
    devices = {name for name, it in node.tunnels.items() if isinstance(it.type.config, VxlanConfig)}
    if entry.dev not in devices:
        text = f"{entry.dev!r} is no vxlan device of {node.name}"
        value.fault(f"{text}; devices: {listed(sorted(devices))}")
    elif entry.destination in node.own_addresses or entry.destination.is_loopback:
        text = f"dst {entry.destination} is {node.name} itself"
        value.fault(f"{text}: {_TO_ITSELF}")


def _entry_twice(
    seen: set[tuple[str, bytes, IPv4Address | None]], value: Value, entry: FdbSpec
) -> None:
    """A group and the zero MAC have several far ends, each once (Linux: vxlan_fdb_append)."""
    several = entry.mac == ZERO_MAC or is_multicast_mac(entry.mac)
    key = (entry.dev, entry.mac, entry.destination if several else None)
    if key in seen:
        value.fault(f"File exists: {mac_text(entry.mac)} has an entry on {entry.dev}")
    seen.add(key)
