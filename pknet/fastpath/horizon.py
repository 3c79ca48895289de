"""Until when everything that is remembered means what it means now.

Law: what lapses by being looked at too late has no timer, and so it is named here. What was
refreshed meanwhile is taken for as old as it is now: a repetition that ends early costs three
periods, one that ends late would be wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pknet.fastpath.unsteady import UnsteadyError
from pknet.link.bridge import Bridge
from pknet.link.device import Device
from pknet.netns.conntrack.connection import Connection
from pknet.netns.conntrack.protocols.udp import UdpState
from pknet.netns.namespace import Namespace
from pknet.overlay.vxlan import Vxlan


def horizon(devices: Iterable[Device], since: int) -> int | None:
    """The first moment from ``since`` on at which something lapses. None: nothing ever does.

    Raises UnsteadyError where nobody can tell: users' hooks, devices of their own.
    """
    return min((time for each in devices for time in _lapses(each) if time >= since), default=None)


def _lapses(device: Device) -> Iterator[int]:
    if not isinstance(device, Namespace):
        raise UnsteadyError(f"{device.name} is a device of somebody's own")
    for interface in device.interfaces.values():
        if interface.hooks:
            raise UnsteadyError(f"{interface!r} has hooks")
        if isinstance(interface, Bridge | Vxlan):
            yield from interface.fdb.ends()
    yield from _neighbours(device)
    yield from device.routing.detours.ends()
    yield from device.path_mtu.ends()
    yield from device.icmp.peers.turns()
    yield from _connections(device)


def _neighbours(node: Namespace) -> Iterator[int]:
    for entry in node.neighbours:
        yield node.arp.locked_until(entry)


def _connections(node: Namespace) -> Iterator[int]:
    if any(known.entries for known in node.firewall.recent.values()):
        raise UnsteadyError(f"{node.name} remembers who came recently")
    if node.firewall.conntrack is not None:
        for connection in node.firewall.conntrack.table.every():
            yield from _ends(connection)


def _ends(connection: Connection) -> Iterator[int]:
    yield connection.deadline
    if isinstance(connection.proto, UdpState):
        yield connection.proto.stream_at
