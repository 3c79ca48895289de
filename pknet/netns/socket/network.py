"""What sockets need of their namespace.

Law: a socket sees addresses, routes and time; of interfaces and hooks it knows nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Protocol

from pknet.link.skb import Skb
from pknet.netns.address import Addresses
from pknet.netns.icmp import IcmpLayer
from pknet.netns.path_mtu import PathMtu
from pknet.netns.route import NoPath, Path
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

    def stream(self, name: str) -> Random:
        """A stream of chance of this node's own."""

    def originate(
        self, path: Path, protocol: int, src: int, dst: int, payload: bytes, *,
        ident: int | None, df: bool, ttl: int, tos: int, mark: int = 0,
    ) -> Skb:  # fmt: skip
        """Send a packet at +0; ``ident`` None takes the kernel's own counter."""

    def send_raw(self, data: bytes, refused: Callable[[str], object] | None = None) -> int | NoPath:
        """Send a packet with its own IP header; its packet id. Raises ValueError ("EMSGSIZE…")."""

    def next_ident(self) -> int:
        """The kernel's own IP id counter."""
