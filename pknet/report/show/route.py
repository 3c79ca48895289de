"""``ip route show`` (iproute2 6.1): table main.

Law: a route whose device is down is not there (Linux: fib_sync_down_dev takes it out).
"""

from __future__ import annotations

from collections.abc import Iterator

from pknet.netns.namespace import Namespace
from pknet.netns.route import Route, RouteType, Scope
from pknet.report.show.link import has_carrier
from pknet.wire.address import ip_text


def lines(node: Namespace) -> Iterator[str]:
    """One a route; iproute2 leaves a space at the end of each."""
    for route in node.fib.main:
        if route.usable:
            yield "".join(f"{word} " for word in _words(route))


def _words(route: Route) -> list[str]:
    """In the order of print_route (iproute2: ip/iproute.c)."""
    down = route.dev is not None and not has_carrier(route.dev)
    words = (
        (route.type is not RouteType.UNICAST, route.type.value),
        (True, route.prefix_text),
        (route.via, f"via {ip_text(route.via)}"),
        (route.dev, f"dev {route.dev.name if route.dev else ''}"),
        (route.protocol != "boot", f"proto {route.protocol}"),
        (route.scope is not Scope.GLOBAL, f"scope {route.scope.name.lower()}"),
        (route.src, f"src {ip_text(route.src)}"),
        (route.metric, f"metric {route.metric}"),
        (route.onlink, "onlink"),
        (down, "linkdown"),
        (route.mtu, f"mtu {route.mtu}"),
    )
    return [word for said, word in words if said]
