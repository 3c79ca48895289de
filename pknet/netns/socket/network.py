"""What sockets need of their namespace.

Law: a socket sees addresses, routes and time; of interfaces and hooks it knows nothing.
"""

from __future__ import annotations

from random import Random
from typing import Protocol

from pknet.netns.address import Addresses
from pknet.netns.icmp import IcmpLayer
from pknet.netns.ip_options import IpOptions
from pknet.netns.own_packets import OwnPackets
from pknet.netns.path_mtu import PathMtu
from pknet.netns.routing import Routing
from pknet.netns.sysctl import Sysctls
from pknet.sim import Clock


class Network(Protocol):
    """The namespace, as its sockets see it."""

    name: str
    clock: Clock
    sysctls: Sysctls
    routing: Routing
    addresses: Addresses
    path_mtu: PathMtu
    icmp: IcmpLayer
    options: IpOptions
    own: OwnPackets

    def stream(self, name: str) -> Random:
        """A stream of chance of this node's own."""
