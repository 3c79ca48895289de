"""``ip link show`` (iproute2 6.1).

Law: a device has carrier while something answers at its far end; a bridge, while a port has.
"""

from __future__ import annotations

from collections.abc import Iterator

from pknet.link.bridge import Bridge
from pknet.link.cable import Cable
from pknet.link.interface import Interface
from pknet.link.veth import Veth
from pknet.netns.namespace import Namespace
from pknet.overlay.ipip import Ipip
from pknet.overlay.tunnel import Tunnel
from pknet.wire.address import ip_text, mac_text

#: What a fresh kernel gives an adapter with a queue (net.core.default_qdisc); the rest have none.
DEFAULT_QDISC = "pfifo_fast"


def lines(node: Namespace) -> Iterator[str]:
    """Two lines a device."""
    for interface in devices(node):
        yield first_line(interface, "mode DEFAULT ")
        yield second_line(interface)


def devices(node: Namespace) -> list[Interface]:
    """By number, as the kernel lists them."""
    return sorted(node.interfaces.values(), key=lambda interface: interface.index)


def first_line(interface: Interface, mode: str = "") -> str:
    """``2: eth0@if3: <…> mtu 1500 …``; ``ip link`` says the mode, ``ip address`` does not."""
    master = f"master {interface.master.name} " if interface.master else ""
    name = f"{interface.name}{_peer_name(interface)}"
    return (
        f"{interface.index}: {name}: <{','.join(_flags(interface))}>"
        f" mtu {interface.mtu} qdisc {_qdisc(interface)} {master}state {_state(interface)} "
        f"{mode}group default qlen 1000"
    )


def second_line(interface: Interface) -> str:
    """The link-layer address, and the namespace of the peer."""
    if interface.kind == "loopback":
        return f"    link/loopback {mac_text(interface.mac)} brd 00:00:00:00:00:00"
    if isinstance(interface, Ipip):
        far = "peer" if interface.config.remote else "brd"
        ends = interface.config.local, interface.config.remote
        return f"    link/ipip {ip_text(ends[0])} {far} {ip_text(ends[1])}"
    peer = _veth_peer(interface)
    elsewhere = peer is not None and peer.owner is not interface.owner
    where = f" link-netns {peer.owner.name}" if peer is not None and elsewhere else ""
    return f"    link/ether {mac_text(interface.mac)} brd ff:ff:ff:ff:ff:ff{where}"


def has_carrier(interface: Interface) -> bool:
    """Whether a signal comes in (Linux: netif_carrier_ok)."""
    if isinstance(interface, Bridge):
        return any(port.up and has_carrier(port) for port in interface.ports)
    medium = interface.medium
    if isinstance(medium, Veth):
        return medium.peers[interface].up
    if isinstance(medium, Cable):
        return medium.up and medium.peers[interface].up
    return interface.kind == "loopback" or isinstance(interface, Tunnel)


def _veth_peer(interface: Interface) -> Interface | None:
    return interface.medium.peers[interface] if isinstance(interface.medium, Veth) else None


def _peer_name(interface: Interface) -> str:
    peer = _veth_peer(interface)
    if isinstance(interface, Ipip):
        return "@NONE"
    if peer is None:
        return ""
    return f"@{peer.name}" if peer.owner is interface.owner else f"@if{peer.index}"


def _flags(interface: Interface) -> list[str]:
    kind = _kind_flags(interface)
    if not interface.up:
        return kind
    if not has_carrier(interface):
        return ["NO-CARRIER", *kind, "UP"]
    return [*kind, "UP", "LOWER_UP"]


def _kind_flags(interface: Interface) -> list[str]:
    if isinstance(interface, Ipip):
        return ["POINTOPOINT", "NOARP"] if interface.config.remote else ["NOARP"]
    return ["LOOPBACK"] if interface.kind == "loopback" else ["BROADCAST", "MULTICAST"]


def _state(interface: Interface) -> str:
    """UNKNOWN for what has no carrier to watch (RFC 2863)."""
    if interface.up and (interface.kind == "loopback" or isinstance(interface, Tunnel)):
        return "UNKNOWN"
    return "UP" if interface.up and has_carrier(interface) else "DOWN"


def _qdisc(interface: Interface) -> str:
    return DEFAULT_QDISC if isinstance(interface.medium, Cable) else "noqueue"
