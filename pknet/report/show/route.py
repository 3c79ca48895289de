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


def _words(route: Route) -> Iterator[str]:
    if route.type is not RouteType.UNICAST:
        yield route.type.value
    yield route.prefix_text
    if route.via:
        yield f"via {ip_text(route.via)}"
    if route.dev is not None:
        yield f"dev {route.dev.name}"
    if route.protocol != "boot":
        yield f"proto {route.protocol}"
    if route.scope is not Scope.GLOBAL:
        yield f"scope {route.scope.name.lower()}"
    if route.src:
        yield f"src {ip_text(route.src)}"
    if route.metric:
        yield f"metric {route.metric}"
    if route.onlink:
        yield "onlink"
    if route.dev is not None and not has_carrier(route.dev):
        yield "linkdown"
    if route.mtu:
        yield f"mtu {route.mtu}"
