"""Which way: for a packet that came in, and for one of our own.

Law: the decision is taken from addresses, table and sysctls alone; what happens to the packet
is for the caller to say.

    input   broadcast? -> table -> local | broadcast | error | forward (if forwarding is on)
            and the source must be possible (Linux: ip_route_input_slow, fib_validate_source)
    output  table -> device, next hop, source address (Linux: ip_route_output_key)
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.interface import Interface
from pknet.netns.address import (
    LIMITED_BROADCAST,
    Addresses,
    is_loopback,
    is_multicast,
    is_zeronet,
    this_host,
)
from pknet.netns.detour import Detours
from pknet.netns.fib import Fib
from pknet.netns.martian import martian
from pknet.netns.route import TYPE_ERRORS, NoPath, Path, Route, RouteError, RouteType, Scope
from pknet.netns.source import Sources
from pknet.netns.sysctl import Sysctls
from pknet.trace import Dropped, DropReason
from pknet.wire.address import ip_text

ALL_HOSTS = 0xE0000001  # 224.0.0.1: every host is a member (RFC 1112)


class Routing:
    """The decisions of one namespace. ``loopback`` gives its ``lo``."""

    def __init__(
        self,
        fib: Fib,
        addresses: Addresses,
        sysctls: Sysctls,
        loopback: Callable[[], Interface],
        detours: Detours,
    ) -> None:
        self.fib = fib
        self.addresses = addresses
        self.sysctls = sysctls
        self._loopback = loopback
        self.detours = detours
        self._sources = Sources(fib, addresses, sysctls)

    def forwards(self, dev: Interface) -> bool:
        """True where packets that come in by ``dev`` may be forwarded."""
        return self.sysctls.device(dev.name, "forwarding")

    # --- packets of our own

    def output(self, dst: int, src: int = 0, dev: Interface | None = None) -> Path | NoPath:
        """The way to ``dst``; ``dev`` where the caller is bound to one."""
        if dst == 0:  # this host (Linux: ip_route_output_key_hash_rcu)
            own = src or this_host(dst)
            return Path(RouteType.LOCAL, None, self._loopback(), own, own)
        if dst == LIMITED_BROADCAST or is_multicast(dst):
            return self._group(dst, src, dev)
        route = self.fib.lookup(dst)
        if route is None:
            return NoPath(RouteError.ENETUNREACH)
        if route.type in TYPE_ERRORS:
            return NoPath(TYPE_ERRORS[route.type], route)
        if route.type is RouteType.LOCAL:
            return Path(RouteType.LOCAL, route, self._loopback(), dst, src or route.src or dst)
        assert route.dev is not None
        if self._strays(src, route.dev):
            return NoPath(RouteError.EINVAL, route)
        nexthop = self._nexthop(route, dst)
        source = src or route.src or self.addresses.select(route.dev, nexthop)
        return Path(route.type, route, route.dev, self.detours.gateway(route, dst, nexthop), source)

    def _nexthop(self, route: Route, dst: int) -> int:
        """A gateway counts where it is another station (Linux: rt_set_nexthop)."""
        return route.via if route.via and not self.addresses.is_local(route.via) else dst

    def _strays(self, src: int, out: Interface) -> bool:
        """A loopback address that would leave the host (Linux: __mkroute_output)."""
        inside = out.kind == "loopback" or self.sysctls.device(out.name, "route_localnet")
        return is_loopback(src) and not inside

    def _group(self, dst: int, src: int, dev: Interface | None) -> Path | NoPath:
        """Broadcast and multicast leave by the device named, or by that of the source."""
        own = self.fib.local.lookup(src) if src else None
        local = own is not None and own.type is RouteType.LOCAL
        if src and dev is None and not local:
            return NoPath(RouteError.ENETUNREACH)
        out = dev or (own.dev if own is not None and local else None)
        route = self.fib.lookup(dst)
        if out is None and route is not None:
            out = route.dev
        if out is None:
            return NoPath(RouteError.ENETUNREACH)
        kind = RouteType.BROADCAST if dst == LIMITED_BROADCAST else RouteType.MULTICAST
        return Path(kind, None, out, dst, src or self.addresses.select(out, dst))

    def hears_itself(self, path: Path, dst: int) -> bool:
        """Whether the sender is among those that a packet of its own is for (RTCF_LOCAL)."""
        if path.dev.kind == "loopback":
            return False
        group = path.type is RouteType.MULTICAST and dst == ALL_HOSTS
        return group or path.type is RouteType.BROADCAST

    # --- packets that came in

    def input(self, dst: int, src: int, dev: Interface) -> Path | NoPath | Dropped:
        """What to do with a packet that came in by ``dev``; Dropped: it is impossible."""
        if is_multicast(dst):
            return self._multicast(dst, src, dev)
        wrong = martian(dst, src, dev, self.sysctls)
        if wrong is not None:
            return wrong
        if dst == LIMITED_BROADCAST or (dst == 0 and src == 0):
            wrong = None if is_zeronet(src) else self._sources.fault(src, dev)
            return wrong or Path(RouteType.BROADCAST, None, dev, dst)
        return self._decide(dst, src, dev)

    def _decide(self, dst: int, src: int, dev: Interface) -> Path | NoPath | Dropped:
        route = self.fib.lookup(dst)
        if route is not None and route.type in (RouteType.LOCAL, RouteType.BROADCAST):
            wrong = self._sources.fault(src, dev) if src or route.type.value == "local" else None
            return wrong or Path(route.type, route, dev, dst)
        if not self.forwards(dev):
            return NoPath(RouteError.EHOSTUNREACH, route)
        if route is None:
            return NoPath(RouteError.ENETUNREACH)
        if route.type in TYPE_ERRORS:
            return NoPath(TYPE_ERRORS[route.type], route)
        assert route.dev is not None
        wrong = self._sources.fault(src, dev, route.dev)
        if wrong is not None:
            return wrong
        connected = route.dev is dev and self._is_neighbour(src, dev)
        nexthop = self.detours.gateway(route, dst, self._nexthop(route, dst))
        return Path(RouteType.UNICAST, route, route.dev, nexthop, connected=connected)

    def _multicast(self, dst: int, src: int, dev: Interface) -> Path | Dropped:
        """Linux: ip_route_input_mc, ip_mc_validate_source."""
        nobody = is_zeronet(src) and dst >> 8 == ALL_HOSTS >> 8  # 224.0.0.0/24 takes those
        wrong = None if nobody else martian(dst, src, dev, self.sysctls)
        wrong = wrong or (None if nobody else self._sources.fault(src, dev))
        if wrong is not None:
            return wrong
        if dst != ALL_HOSTS:
            return Dropped(DropReason.NOT_JOINED, f"nobody here joined {ip_text(dst)}")
        return Path(RouteType.MULTICAST, None, dev, dst)

    def _is_neighbour(self, src: int, dev: Interface) -> bool:
        route = self.fib.lookup(src)
        return (
            route is not None
            and route.type is RouteType.UNICAST
            and route.dev is dev
            and route.scope is not Scope.GLOBAL
        )

    # --- what kind of address

    def address_type(self, address: int, dev: Interface | None = None) -> RouteType:
        """What ``address`` is to this host (Linux: inet_addr_type).

        ``dev`` narrows local addresses to one device.
        """
        if address in (0, LIMITED_BROADCAST):
            return RouteType.BROADCAST
        if is_multicast(address):
            return RouteType.MULTICAST
        route = self.fib.local.lookup(address)
        if route is None:
            return RouteType.UNICAST
        if dev is not None and route.dev is not dev:
            return RouteType.UNICAST
        return route.type
