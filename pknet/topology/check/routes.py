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

    prefix: IPv4Network
    metric: int
    dev: str
    on_link: bool


class _Routes:
    """What is in the tables when the next route comes."""

    def __init__(self, node: RawNode) -> None:
        self.node = node
        self.devices: dict[str, RawInterface] = {**node.interfaces, **node.bridges}
        self.main: list[_Way] = []
        self.local: set[IPv4Address] = set()
        self.broadcasts: set[IPv4Address] = set()
        for device in self.devices.values():
            self._connected(device)

    def _connected(self, device: RawInterface) -> None:
        """The routes that an address brings while its device is up (Linux: fib_add_ifaddr)."""
        for _, address in device.addresses:
            self.local.add(address.ip)
            network = address.network
            if device.up and network.prefixlen < 32:
                self.main.append(_Way(network, 0, device.name, on_link=True))
            if device.up and network.prefixlen < 31:
                self.broadcasts.add(network.broadcast_address)

    def up(self, name: str) -> bool:
        """A device that is not configured is up, and so is lo."""
        return name not in self.devices or self.devices[name].up

    def add(self, route: RouteSpec) -> str | None:
        """Take ``route`` in; what is wrong with it, or None."""
        wrong = self._wrong(route)
        if wrong is None and route.type != "local":
            on_link = route.type == "unicast" and route.via is None and route.scope != "global"
            self.main.append(_Way(route.prefix, route.metric, route.dev or "", on_link))
        return wrong

    def _wrong(self, route: RouteSpec) -> str | None:
        if route.dev is not None and route.dev not in self.node.devices:
            return no_device(route.dev, self.node.devices)
        if route.dev is not None and not self.up(route.dev):
            return f"Device for nexthop is not up: {route.dev} has 'up: false'"
        if route.src is not None and route.src not in self.local and not route.src.is_loopback:
            return f"Invalid prefsrc address: {route.src} is no address of {self.node.name}"
        if route.via is not None and not self._reaches(route, route.via):
            wanted = "'via' needs an address on a subnet of an interface that is up"
            return f"Nexthop has invalid gateway: {route.via}; {wanted}"
        if route.type != "local" and self._exists(route):
            return f"File exists: there is a route to {route.prefix} with metric {route.metric}"
        return None

    def _exists(self, route: RouteSpec) -> bool:
        return any((w.prefix, w.metric) == (route.prefix, route.metric) for w in self.main)

    def _reaches(self, route: RouteSpec, via: IPv4Address) -> bool:
        """Linux: fib_check_nh_v4_gw."""
        if route.onlink:
            return via not in self.local and via not in self.broadcasts
        ways = [w for w in self.main if via in w.prefix and route.dev in (None, w.dev)]
        if not ways:
            own = via.is_loopback or via in self.local
            return own and route.dev in (None, "lo")
        best = max(ways, key=lambda way: (way.prefix.prefixlen, -way.metric))
        return best.on_link and via not in self.broadcasts


def check_routes(node: RawNode) -> None:
    """Note the routes that Linux would not take."""
    routes = _Routes(node)
    for value, route in node.routes:
        wrong = routes.add(route)
        if wrong is not None:
            value.fault(wrong)
