"""A namespace, seen from the parts that need most of it."""

from __future__ import annotations

from random import Random
from typing import Protocol

from pknet.link.interface import Interface
from pknet.netns.address import Addresses
from pknet.netns.hooks import Hooks
from pknet.netns.icmp import IcmpLayer
from pknet.netns.own_packets import OwnPackets
from pknet.netns.reassembly import Reassembly
from pknet.netns.routing import Routing
from pknet.netns.sysctl import Sysctls
from pknet.sim import Clock


class Stack(Protocol):
    """What the firewall asks of its namespace."""

    clock: Clock
    sysctls: Sysctls
    interfaces: dict[str, Interface]
    hooks: Hooks
    addresses: Addresses
    routing: Routing
    icmp: IcmpLayer
    own: OwnPackets
    reassembly: Reassembly

    def stream(self, name: str) -> Random:
        """A stream of chance of this node's own."""
