"""Source routes: from stop to stop (RFC 791, section 3.1; Linux: ip_options_rcv_srr).

Law: a stop is followed only by the host that it led to; its own address takes the stop's place
when the packet is sent on, and so the way back is written down.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.interface import Interface
from pknet.link.skb import PacketType, Skb
from pknet.netns.route import Path, RouteType
from pknet.netns.routing import Routing
from pknet.trace import Dropped, DropReason
from pknet.wire.ip_options import ADDRESS, Options

_DESTINATION_AT = 16  # in the IP header: the byte that a strict route's stranger complains of


def follow(
    skb: Skb, dev: Interface, routing: Routing, complain: Callable[[Skb, int], str]
) -> Dropped | None:
    """Find the next stop of a packet whose ``dst`` is set; None: it may go on, or is here."""
    options, path = skb.options, skb.dst
    assert options is not None
    if skb.type is not PacketType.HOST or not isinstance(path, Path):
        return Dropped(DropReason.SOURCE_ROUTE, "a source route that leads nowhere")
    if path.type is RouteType.UNICAST:
        if not options.strict:
            return None
        words = complain(skb, _DESTINATION_AT)
        return Dropped(DropReason.SOURCE_ROUTE, f"no stop of its strict source route; {words}")
    if path.type is not RouteType.LOCAL:
        return Dropped(DropReason.SOURCE_ROUTE, "a source route that was sent to everybody")
    return _next_stop(skb, options, dev, routing, complain)


def _next_stop(
    skb: Skb, options: Options, dev: Interface, routing: Routing,
    complain: Callable[[Skb, int], str],
) -> Dropped | None:  # fmt: skip
    """Stops that are this host are passed at once."""
    at = options.source_route
    pointer, length = skb.network[at + 2], skb.network[at + 1]
    while pointer <= length:
        if pointer + ADDRESS - 1 > length:
            words = complain(skb, at + 2)
            return Dropped(DropReason.SOURCE_ROUTE, f"a source route that ends too early; {words}")
        stop = skb.network[at + pointer - 1 :][:ADDRESS]
        nexthop = int.from_bytes(stop, "big")
        way = routing.input(nexthop, skb.ip.src, dev)
        if not isinstance(way, Path) or way.type not in (RouteType.UNICAST, RouteType.LOCAL):
            return Dropped(DropReason.SOURCE_ROUTE, "no way to the next stop of its source route")
        skb.dst = way
        options.changed = True
        if way.type is RouteType.UNICAST:
            options.nexthop = nexthop
            return None
        skb.network = skb.network[:16] + stop + skb.network[20:]  # unsummed, as Linux has it
        pointer += ADDRESS
    return None


def advance(header: bytearray, options: Options, own: bytes) -> None:
    """Make the next stop the destination, and ``own`` address the stop (ip_forward_options)."""
    at = options.source_route
    assert options.nexthop is not None
    stop = options.nexthop.to_bytes(ADDRESS, "big")
    pointer, length = header[at + 2], header[at + 1]
    while pointer + ADDRESS - 1 <= length and header[at + pointer - 1 :][:ADDRESS] != stop:
        pointer += ADDRESS
    header[16:20] = stop
    header[at + pointer - 1 : at + pointer - 1 + ADDRESS] = own
    header[at + 2] = pointer + ADDRESS
    options.changed = True
    if options.needs_time_address:
        start = options.times + header[options.times + 2] - 1 - 2 * ADDRESS
        header[start : start + ADDRESS] = own
