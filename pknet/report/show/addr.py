"""``ip address show`` (iproute2 6.1)."""

from __future__ import annotations

from collections.abc import Iterator

from pknet.link.interface import Interface
from pknet.netns.address import Address
from pknet.netns.namespace import Namespace
from pknet.report.show.link import devices, first_line, second_line
from pknet.wire.address import ip_text


def lines(node: Namespace) -> Iterator[str]:
    """Two lines a device, and two for each of its addresses."""
    for interface in devices(node):
        yield first_line(interface)
        yield second_line(interface)
        for address in _ordered(node, interface):
            yield _inet(address)
            yield "       valid_lft forever preferred_lft forever"


def _ordered(node: Namespace, interface: Interface) -> list[Address]:
    """Secondary ones last, the narrower scope first (Linux: __inet_insert_ifa)."""
    return sorted(
        node.addresses.of(interface), key=lambda entry: (entry.secondary, -entry.scope.value)
    )


def _inet(entry: Address) -> str:
    secondary = "secondary " if entry.secondary else ""
    scope = entry.scope.name.lower()
    where = f"{ip_text(entry.address)}/{entry.length}"
    return f"    inet {where} scope {scope} {secondary}{entry.dev.name}"
