"""What a namespace does about a packet's options, from its coming in to its going on.

Law: without options nothing is asked here; with them, whoever answers or sends on asks here first.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.interface import Interface
from pknet.link.skb import Skb
from pknet.netns.address import is_zeronet
from pknet.netns.ip_options import source_route
from pknet.netns.ip_options.echo import Echo, echo
from pknet.netns.ip_options.read import BadOption, Scribe, read
from pknet.netns.route import TYPE_ERRORS, Path, Route, RouteType
from pknet.netns.routing import Routing
from pknet.netns.sysctl import Sysctls
from pknet.sim import Clock
from pknet.sim.clock import MILLISECOND
from pknet.trace import Dropped, DropReason
from pknet.wire import icmp
from pknet.wire.ip_options import ADDRESS
from pknet.wire.ipv4 import MIN_HEADER

_DAY = 24 * 60 * 60 * 1000  # milliseconds


class IpOptions:
    """Those of one namespace. ``problem(skb, kind, code, info)`` answers with an ICMP error, and
    says in words what came of it."""

    def __init__(self, routing: Routing, sysctls: Sysctls, clock: Clock) -> None:
        self.routing = routing
        self.sysctls = sysctls
        self.clock = clock
        self.problem: Callable[[Skb, int, int, int], str] = lambda *_: ""

    @property
    def time(self) -> int:
        """Milliseconds since midnight, which is when the clock began (inet_current_timestamp)."""
        return self.clock.now // MILLISECOND % _DAY

    def received(self, skb: Skb, dev: Interface) -> Dropped | None:
        """Read them, and follow the source route (Linux: ip_rcv_options); None: it may go on."""
        bad = self._read(skb, dev)
        if bad is not None:
            words = self._complain(skb, bad.pointer)
            return Dropped(DropReason.IP_INHDR, f"{bad} makes no sense; {words}")
        if skb.options is None or not skb.options.source_route:
            return None
        if not self.sysctls.device(dev.name, "accept_source_route"):
            return Dropped(DropReason.SOURCE_ROUTE, "a source route, and accept_source_route is 0")
        return source_route.follow(skb, dev, self.routing, self._complain)

    def read_again(self, skb: Skb, dev: Interface) -> bool:
        """For an error about what has left this layer (Linux: ipv4_send_dest_unreach).

        False: they make no sense, and no error is sent.
        """
        skb.options = None
        return skb.ip.header_length == MIN_HEADER or self._read(skb, dev) is None

    def _read(self, skb: Skb, dev: Interface) -> BadOption | None:
        size = skb.ip.header_length
        header = bytearray(skb.network[:size])
        scribe = Scribe(lambda: self._own_address(skb, dev), self.time, self._elsewhere)
        skb.options, bad = read(header, scribe)
        skb.network = bytes(header) + skb.network[size:]
        return bad

    def _complain(self, skb: Skb, pointer: int) -> str:
        return self.problem(skb, icmp.PARAMETER_PROBLEM, 0, pointer << 24)

    def _elsewhere(self, address: int) -> bool:
        return self.routing.address_type(address) is RouteType.UNICAST

    def _own_address(self, skb: Skb, dev: Interface) -> int:
        """This host's, as the packet's sender knows it (Linux: fib_compute_spec_dst)."""
        path, header = skb.dst, skb.ip
        if isinstance(path, Path) and path.type is RouteType.LOCAL:
            return header.dst
        if not is_zeronet(header.src):
            back = self.routing.fib.lookup(header.src)
            if back is not None and back.type not in TYPE_ERRORS:
                return self._preferred(back)
        return self.routing.addresses.select(dev, header.src)

    def _preferred(self, route: Route) -> int:
        """Linux: fib_result_prefsrc."""
        return route.src or self.routing.addresses.select(route.dev, route.via)

    def onward(self, skb: Skb) -> None:
        """Write what waited for the way out to be known (Linux: ip_forward_options)."""
        options, path = skb.options, skb.dst
        if options is None or not isinstance(path, Path):
            return
        size = skb.ip.header_length
        header = bytearray(skb.network[:size])
        if options.needs_address:
            at = options.record + header[options.record + 2] - 1 - ADDRESS
            header[at : at + ADDRESS] = self._leaving_as(path, skb.ip.dst)
            options.changed = True
        if options.nexthop is not None:
            source_route.advance(header, options, self._leaving_as(path, options.nexthop))
        if not options.changed:
            return
        options.changed = False
        skb.network = (
            skb.ip.parse(bytes(header)).emit(bytes(header[MIN_HEADER:])) + (skb.network[size:])
        )

    def _leaving_as(self, path: Path, dst: int) -> bytes:
        """The address of the way out (Linux: ip_rt_get_source)."""
        found = self.routing.fib.lookup(dst)
        if found is not None and found.dev is path.dev and found.type not in TYPE_ERRORS:
            return self._preferred(found).to_bytes(ADDRESS, "big")
        return self.routing.addresses.select(path.dev, path.nexthop).to_bytes(ADDRESS, "big")

    def echo(self, skb: Skb) -> Echo | None:
        """What an answer to ``skb`` carries; None: there can be none."""
        return echo(skb.network, skb.options, self._elsewhere)

    def to_a_gateway(self, skb: Skb) -> bool:
        """Whether the next hop is none that a strict source route allows (rt_uses_gateway)."""
        path = skb.dst
        strict = skb.options is not None and skb.options.strict
        return strict and isinstance(path, Path) and path.route is not None and bool(path.route.via)
