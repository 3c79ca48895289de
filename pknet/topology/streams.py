"""Traffic items of many packets, as the file spells them.

    {ping: 10.1.2.1, from: a1, count: 5, interval: 1s}
    {udp: "10.1.2.1:5000", from: a1, count: 100000, rate: 50000/s, sport: new}
    {pingall: [a1, b1]}         {pingall: all}

Law: a word that only many packets can need is a fault where there is one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from ipaddress import IPv4Address
from typing import TypeVar

from yaml.nodes import ScalarNode, SequenceNode

from pknet.topology import units
from pknet.topology.bulk import (
    DEFAULT_INTERVAL,
    DEFAULT_RATE,
    MAX_COUNT,
    MAX_HOSTS,
    PingAll,
    PingStream,
    UdpConnections,
    UdpStream,
)
from pknet.topology.fault import shown
from pknet.topology.item import Ping, Traffic, Udp
from pknet.topology.value import Fields, Value, integer, parsed

#: In place of a source port: another one for each packet.
NEW = "new"
ALL = "all"

S = TypeVar("S", bound=Traffic)


def ping_stream(ping: Ping, fields: Fields) -> Ping:
    """``ping`` itself, or with a ``count`` so many of it."""
    count = _count(fields, "interval")
    interval = fields.read("interval", parsed(units.delay), DEFAULT_INTERVAL)
    return ping if count is None else _many(PingStream, ping, count=count, interval=interval)


def udp_stream(udp: Udp, fields: Fields) -> Udp:
    """``udp`` itself, or with a ``count`` so many of it."""
    count = _count(fields, "rate")
    rate = fields.read("rate", parsed(units.packet_rate), DEFAULT_RATE)
    if is_new(fields):
        if "count" not in fields:
            fields["sport"].fault("'sport: new' goes with 'count': a port for each of many packets")
        return udp if count is None else _many(UdpConnections, udp, count=count, rate=rate)
    return udp if count is None else _many(UdpStream, udp, count=count, rate=rate)


def is_new(fields: Fields) -> bool:
    """Whether the source port is ``new``."""
    sport = fields.get("sport")
    return sport is not None and isinstance(sport.node, ScalarNode) and sport.node.value == NEW


def sport(value: Value) -> int | None:
    """A source port of an item that may also say ``new``, which is None here."""
    if isinstance(value.node, ScalarNode) and value.node.value == NEW:
        return None
    if not isinstance(value.node, ScalarNode) or not value.node.tag.endswith(":int"):
        value.fault("expected a number, 1 to 65535, or new: another port for each packet")
        return None
    return value.integer(1, 65535)


def pingall_hosts(value: Value) -> tuple[str, ...] | None:
    """The names, as far as they can be read; None for ``all``."""
    if isinstance(value.node, ScalarNode):
        word = value.text()
        if word is not None and word != ALL:
            value.fault(f"{shown(word)} is no list of hosts such as [a1, b1]; or write all")
        return None if word == ALL else ()
    items = value.items()
    if not 2 <= len(items) <= MAX_HOSTS and isinstance(value.node, SequenceNode):
        value.fault(f"{len(items)} hosts; allowed: 2 to {MAX_HOSTS}")
    names: list[str] = []
    for item in items:
        name = item.text()
        if name is not None and name in names:
            item.fault(f"{name} stands here twice")
        names += [] if name is None else [name]
    return tuple(names)


def with_hosts(item: Traffic, hosts: dict[str, IPv4Address], everyone: list[str]) -> Traffic:
    """A ``pingall`` with its hosts' addresses; any other item as it is."""
    if not isinstance(item, PingAll):
        return item
    names = everyone if item.names is None else item.names
    return dataclasses.replace(item, hosts=tuple((name, hosts[name]) for name in names))


def _count(fields: Fields, beside: str) -> int | None:
    if "count" not in fields and beside in fields:
        fields[beside].fault_key(f"{beside!r} goes with 'count': there is one packet here")
    return fields.read("count", integer(1, MAX_COUNT), None)


def _many(kind: Callable[..., S], one: Traffic, **more: object) -> S:
    """``one`` as a ``kind`` that has all its fields and some ``more``."""
    own = {each.name: getattr(one, each.name) for each in dataclasses.fields(one)}
    return kind(**own, **more)
