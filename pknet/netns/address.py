"""The addresses of a namespace, and the routes that the kernel adds for them.

Law: an address is local whatever device it stands on (the weak host model).
"""

from __future__ import annotations

from dataclasses import dataclass

from pknet.link.interface import Interface
from pknet.netns.fib import Fib
from pknet.netns.route import Route, RouteType, Scope

LOOPBACK_NET = 127 << 24


def is_loopback(address: int) -> bool:
    """127.0.0.0/8 (RFC 1122, section 3.2.1.3)."""
    return address >> 24 == 127


def is_multicast(address: int) -> bool:
    """224.0.0.0/4 (RFC 5771)."""
    return address >> 28 == 14


def is_zeronet(address: int) -> bool:
    """0.0.0.0 alone: the rest of its /8 is unicast since Linux 5.3 (ipv4_is_zeronet)."""
    return address == 0


def this_host(address: int) -> int:
    """The peer of a socket that connects to ``address``: 0.0.0.0 is 127.0.0.1.

    Linux: ip_route_connect.
    """
    return address or LOOPBACK_NET | 1


LIMITED_BROADCAST = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Address:
    """One address on one device. ``secondary``: not the first of its subnet there."""

    address: int
    length: int
    dev: Interface
    scope: Scope = Scope.GLOBAL
    secondary: bool = False

    @property
    def network(self) -> int:
        """The subnet's prefix."""
        shift = 32 - self.length
        return self.address >> shift << shift

    @property
    def broadcast(self) -> int:
        """The subnet's last address."""
        return self.network | ((1 << (32 - self.length)) - 1)

    def holds(self, address: int) -> bool:
        """True where ``address`` is in this one's subnet."""
        shift = 32 - self.length
        return address >> shift == self.address >> shift


class Addresses:
    """In the order in which they were added."""

    def __init__(self, fib: Fib) -> None:
        self._fib = fib
        self._local: set[int] = set()
        self.all: list[Address] = []

    def add(self, dev: Interface, address: int, length: int, scope: Scope = Scope.GLOBAL) -> None:
        """``ip address add``, with the routes that come of it (Linux: fib_add_ifaddr)."""
        secondary = any(
            a.length == length and a.holds(address) and not a.secondary for a in self.of(dev)
        )
        entry = Address(address, length, dev, scope, secondary)
        self.all.append(entry)
        first = next((a for a in self.of(dev) if a.length == length and a.holds(address)), entry)
        self._add_local(entry, address, 32, RouteType.LOCAL, first.address)
        if not secondary and length < 32:
            self._add_prefix(entry)

    def _add_prefix(self, entry: Address) -> None:
        if is_loopback(entry.address):
            self._add_local(entry, entry.network, entry.length, RouteType.LOCAL)
        else:
            self._fib.main.append(
                Route(entry.network, entry.length, dev=entry.dev, src=entry.address,
                      scope=Scope.LINK, protocol="kernel")
            )  # fmt: skip
        if entry.length < 31:
            self._add_local(entry, entry.broadcast, 32, RouteType.BROADCAST)

    def _add_local(
        self, entry: Address, prefix: int, length: int, kind: RouteType, src: int = 0
    ) -> None:
        """A route of table ``local``; ``src`` is the primary address of its subnet."""
        if kind is RouteType.LOCAL and length == 32:
            self._local.add(prefix)
        scope = Scope.LINK if kind is RouteType.BROADCAST else Scope.HOST
        route = Route(prefix, length, kind, dev=entry.dev, src=src or entry.address, scope=scope,
                      protocol="kernel")  # fmt: skip
        self._fib.local.append(route)

    def of(self, dev: Interface | None) -> list[Address]:
        """Those on ``dev``."""
        return [a for a in self.all if a.dev is dev]

    def is_local(self, address: int) -> bool:
        """True for an address of this namespace, 127.0.0.0/8 among them."""
        return address in self._local or is_loopback(address)

    def select(self, dev: Interface | None, towards: int = 0) -> int:
        """The address that a packet out of ``dev`` to ``towards`` takes; 0 where there is none.

        Linux: inet_select_addr. The primary address whose subnet holds ``towards``, else the
        first on the device, else the first of any device; never one of scope host.
        """
        mine = [a for a in self.of(dev) if a.scope is not Scope.HOST and not a.secondary]
        for entry in mine:
            if towards and entry.holds(towards):
                return entry.address
        if mine:
            return mine[0].address
        others = [a for a in self.all if a.scope is Scope.GLOBAL and not a.secondary]
        return others[0].address if others else 0
