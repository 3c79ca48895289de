"""Whether Linux would take a node's routes, in their order (fib_create_info, fib_table_insert).

Law: a route that Linux refuses is a fault with Linux's words, so that no run goes on without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from pknet.topology.check.devices import no_device
from pknet.topology.raw import RawInterface, RawNode
from pknet.topology.spec import RouteSpec


@dataclass(frozen=True, slots=True)
class _Way:
    """A route as far as the next ones depend on it."""

    metric: int
    dev: str | None
    scope: str
    type: str = "unicast"


class _Routes:
    """What is in the tables when the next route comes."""

    def __init__(self, node: RawNode) -> None:
        self.node = node
        self.main: dict[int, dict[int, list[_Way]]] = {}  # by length, then by network
        self.local: set[IPv4Address] = set()
        self.broadcasts: set[IPv4Address] = set()
        self.down: set[str] = set()
        self.all_read = all(device.all_read for device in node.configured)
        for device in node.configured:
            self._connected(device)

    def _connected(self, device: RawInterface) -> None:
        """The routes that addresses bring while their device is up (Linux: fib_add_ifaddr)."""
        self.local.update(address.ip for _, address in device.addresses)
        if not device.up:
            self.down.add(device.name)
            return
        for _, address in device.addresses:
            if address.network.prefixlen < 32:
                self._insert(address.network, _Way(0, device.name, "link"))
            if address.network.prefixlen < 31:
                self.broadcasts.add(address.network.broadcast_address)

    def _insert(self, prefix: IPv4Network, way: _Way) -> None:
        networks = self.main.setdefault(prefix.prefixlen, {})
        networks.setdefault(int(prefix.network_address), []).append(way)

    def _ways(self, address: IPv4Address, length: int) -> list[_Way]:
        """The routes to the network of ``length`` that has ``address``."""
        mask = 0xFFFFFFFF << 32 - length & 0xFFFFFFFF
        return self.main.get(length, {}).get(int(address) & mask, [])

    def add(self, route: RouteSpec) -> str | None:
        """Take ``route`` in; what is wrong with it, or None."""
        wrong = self._wrong(route)
        if wrong is None and route.type != "local":
            self._insert(route.prefix, _Way(route.metric, route.dev, route.scope, route.type))
        return wrong

    def _wrong(self, route: RouteSpec) -> str | None:
        if route.dev is not None and route.dev not in self.node.devices:
            return no_device(route.dev, self.node.devices)
        if route.dev in self.down:
            return f"Device for nexthop is not up: {route.dev} has 'up: false'"
        if not self.all_read:  # the address that is refused may be the one that it hangs on
            return None
        if route.src is not None and route.src not in self.local and not route.src.is_loopback:
            return f"Invalid prefsrc address: {route.src} is no address of {self.node.name}"
        if route.via is not None and not self._reaches(route, route.via):
            wanted = "'via' needs an address on a subnet of an interface that is up"
            return f"Nexthop has invalid gateway: {route.via}; {wanted}"
        if route.type != "local" and self._exists(route):
            return f"File exists: there is a route to {route.prefix} with metric {route.metric}"
        return None

    def _exists(self, route: RouteSpec) -> bool:
        ways = self._ways(route.prefix.network_address, route.prefix.prefixlen)
        return any(way.metric == route.metric for way in ways)

    def _reaches(self, route: RouteSpec, via: IPv4Address) -> bool:
        """Linux: fib_check_nh_v4_gw."""
        if via in self.broadcasts:
            return False
        if route.onlink:
            return via not in self.local
        way = self._way_to(via, route.dev)
        if way is None:
            return (via.is_loopback or via in self.local) and route.dev in (None, "lo")
        return way.type == "unicast"

    def _way_to(self, address: IPv4Address, dev: str | None) -> _Way | None:
        """The longest prefix, and of that the lowest metric; routes of scope global are passed by.

        Linux: fib_table_lookup, for which a gateway has to be of scope link.
        """
        for length in sorted(self.main, reverse=True):
            ways = [way for way in self._ways(address, length) if way.scope != "global"]
            own = [way for way in ways if dev in (None, way.dev) or way.type != "unicast"]
            if own:
                return min(own, key=lambda way: way.metric)
        return None


def check_routes(node: RawNode) -> None:
    """Note the routes that Linux would not take."""
    routes = _Routes(node)
    for value, route in node.routes:
        wrong = routes.add(route)
        if wrong is not None:
            value.fault(wrong)
