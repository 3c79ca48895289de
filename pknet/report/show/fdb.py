"""``bridge fdb show`` (iproute2 6.1).

Law: first what a bridge knows of a port, the newest first, its own address last; then the groups
that the device itself listens to. A vxlan device shows the far ends of each MAC instead.
"""

from __future__ import annotations

from collections.abc import Iterator

from pknet.link.bridge import Bridge
from pknet.link.interface import Interface
from pknet.netns.namespace import Namespace
from pknet.overlay.tunnel import Tunnel
from pknet.overlay.vxlan import Vxlan
from pknet.report.show.link import devices
from pknet.wire.address import ip_text, mac_text

#: The all-hosts groups of IPv6 and IPv4 (RFC 2464, section 7; RFC 1112, section 6.4), which
#: Linux joins on every device that comes up.
ALL_HOSTS = ("33:33:00:00:00:01", "01:00:5e:00:00:01")


def lines(node: Namespace) -> Iterator[str]:
    """One an entry; after a learned one there is a space."""
    for interface in devices(node):
        name = interface.name
        if isinstance(interface, Vxlan):
            yield from _far_ends(interface)
        if interface.kind == "loopback" or isinstance(interface, Tunnel):
            continue
        if isinstance(interface.master, Bridge):
            yield from _of_port(interface, interface.master)
        if interface.up:
            yield from (f"{group} dev {name} self permanent" for group in ALL_HOSTS)
        if isinstance(interface, Bridge):
            yield f"{mac_text(interface.mac)} dev {name} master {name} permanent"


def _far_ends(device: Vxlan) -> Iterator[str]:
    """In the order in which they were written or learnt, where the kernel's is its hash's."""
    for entry in device.fdb:
        for remote in entry.remotes:
            port = f"port {remote.port} " if remote.port != device.config.port else ""
            vni = f"vni {remote.vni} " if remote.vni != device.config.vni else ""
            where = f"dst {ip_text(remote.address)} {port}{vni}"
            yield f"{mac_text(entry.mac)} dev {device.name} {where}self {entry.state}"


def _of_port(port: Interface, bridge: Bridge) -> Iterator[str]:
    for entry in reversed(bridge.fdb):
        if entry.port is port:
            yield f"{mac_text(entry.mac)} dev {port.name} master {bridge.name} "
    yield f"{mac_text(port.mac)} dev {port.name} master {bridge.name} permanent"
