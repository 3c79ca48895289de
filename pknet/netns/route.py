"""A route, and the decision that comes of one.

Law: a decision names the route that made it, so a trace can say which line of the table it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pknet.link.interface import Interface
from pknet.link.skb import Destination
from pknet.trace import Step
from pknet.wire.address import ip_text


class RouteType(Enum):
    """Linux: RTN_*; the value is iproute2's word."""

    UNICAST = "unicast"
    LOCAL = "local"
    BROADCAST = "broadcast"
    MULTICAST = "multicast"
    UNREACHABLE = "unreachable"
    PROHIBIT = "prohibit"
    BLACKHOLE = "blackhole"
    THROW = "throw"


class Scope(Enum):
    """Linux: RT_SCOPE_*; how far the destination is."""

    GLOBAL = 0
    LINK = 253
    HOST = 254


@dataclass(eq=False, slots=True)
class Route:
    """One entry of a table. ``prefix`` and ``via`` are integers; ``via`` 0 means on-link."""

    prefix: int
    length: int
    type: RouteType = RouteType.UNICAST
    via: int = 0
    dev: Interface | None = None
    src: int = 0
    metric: int = 0
    scope: Scope = Scope.GLOBAL
    protocol: str = "boot"  # what added it: "kernel", or "boot" as `ip route add` leaves it
    mtu: int = 0
    onlink: bool = False

    @property
    def prefix_text(self) -> str:
        """``10.1.2.0/24``, ``default``, or a bare address for a host route."""
        if self.length == 0:
            return "default"
        text = ip_text(self.prefix)
        return text if self.length == 32 else f"{text}/{self.length}"

    @property
    def usable(self) -> bool:
        """False while its device is down (Linux: RTNH_F_DEAD)."""
        return self.dev is None or self.dev.up

    def __str__(self) -> str:
        words = [] if self.type is RouteType.UNICAST else [self.type.value]
        words.append(self.prefix_text)
        if self.via:
            words.append(f"via {ip_text(self.via)}")
        if self.dev is not None:
            words.append(f"dev {self.dev.name}")
        return " ".join(words)


class RouteError(Enum):
    """Why there is no way, as the kernel's errno has it."""

    ENETUNREACH = "Network is unreachable"
    EHOSTUNREACH = "No route to host"
    EACCES = "Permission denied"
    EINVAL = "Invalid argument"


#: Route types that are an answer in themselves (Linux: fib_props).
TYPE_ERRORS = {
    RouteType.UNREACHABLE: RouteError.EHOSTUNREACH,
    RouteType.PROHIBIT: RouteError.EACCES,
    RouteType.BLACKHOLE: RouteError.EINVAL,
}


@dataclass(eq=False, slots=True)
class Path(Destination):
    """Where a packet goes next (Linux: struct rtable).

    ``type`` LOCAL or BROADCAST: to this host. UNICAST: out of ``dev`` to ``nexthop``.
    ``source`` is the address a packet of our own would take. ``connected``: the sender of a
    forwarded packet is a direct neighbour, so a redirect would reach it.
    """

    type: RouteType
    route: Route | None
    dev: Interface
    nexthop: int
    source: int = 0
    connected: bool = False


@dataclass(eq=False, slots=True)
class NoPath(Destination):
    """There is no way, and why (Linux: dst.error)."""

    error: RouteError
    route: Route | None = None


class RouteStep(Step):
    """The routing decision."""

    __slots__ = ("address", "route")
    detail = True

    def __init__(self, address: int, route: Route) -> None:
        self.address = address
        self.route = route

    @property
    def subjects(self) -> tuple[object, ...]:
        return (self.route,)

    def __str__(self) -> str:
        return f"ROUTE {ip_text(self.address)}: {self.route}"
