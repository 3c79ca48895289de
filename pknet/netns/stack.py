"""A namespace, seen from the parts that need most of it."""

from __future__ import annotations

from random import Random
from typing import Protocol

from pknet.link.interface import Interface
from pknet.link.skb import Skb
from pknet.netns.address import Addresses
from pknet.netns.hooks import Hooks
from pknet.netns.icmp import IcmpLayer
from pknet.netns.reassembly import Reassembly
from pknet.netns.route import Path
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
    reassembly: Reassembly

    def stream(self, name: str) -> Random:
        """A stream of chance of this node's own."""

    def own_skb(self, data: bytes, path: Path) -> Skb:
        """A packet of our own, not yet on its way."""

    def launch(self, skb: Skb) -> None:
        """Send it at +0, under a new packet id."""

    def launch_by(self, port: Interface, skb: Skb) -> None:
        """Send it at +0 by ``port``, its Ethernet header written, past routes and hooks."""
