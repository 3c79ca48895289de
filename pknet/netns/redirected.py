"""Redirects that a host hears (RFC 1122, section 3.2.2.2; Linux: __ip_do_redirect).

Law: a redirect is believed only from the gateway in use, about a packet of an open socket, and
only once the new gateway's own address is known; it turns the way to one destination.
"""

from __future__ import annotations

from pknet.link.interface import Interface
from pknet.netns.address import LIMITED_BROADCAST, is_multicast, is_zeronet
from pknet.netns.neighbour import Neighbours
from pknet.netns.neighbour_entry import VALID
from pknet.netns.route import Path, RouteType
from pknet.netns.routing import Routing
from pknet.netns.sysctl import Sysctls
from pknet.sim import Clock
from pknet.sim.clock import SECOND
from pknet.wire.icmp import REDIRECT_CODES

LIFETIME = 300 * SECOND  # Linux: net.ipv4.route.gc_timeout


class Redirected:
    """What one namespace makes of the redirects that it hears."""

    def __init__(
        self, routing: Routing, neighbours: Neighbours, sysctls: Sysctls, clock: Clock
    ) -> None:
        self.routing = routing
        self.neighbours = neighbours
        self.sysctls = sysctls
        self.clock = clock

    def hear(self, dev: Interface, code: int, gateway: int, sender: int, dst: int) -> None:
        """``sender`` says: the way to ``dst`` is by ``gateway``. At first, who is that?"""
        if not self._believed(dev, code, gateway, sender):
            return
        path = self.routing.output(dst)
        if not isinstance(path, Path) or path.route is None or path.nexthop != sender:
            return
        entry = self.neighbours.create(gateway, path.dev)
        if entry.state not in VALID:
            self.neighbours.resolve(entry)
            return
        self.routing.detours.learn(path.route, dst, gateway, self.clock.now + LIFETIME)

    def _believed(self, dev: Interface, code: int, gateway: int, sender: int) -> bool:
        if code not in REDIRECT_CODES or not self.sysctls.accepts_redirects(dev.name):
            return False
        if gateway in (sender, LIMITED_BROADCAST) or is_multicast(gateway) or is_zeronet(gateway):
            return False
        return self.routing.address_type(gateway) is RouteType.UNICAST
