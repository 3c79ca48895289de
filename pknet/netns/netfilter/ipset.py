"""``ipset save`` text, for ``-m set`` (Linux: net/netfilter/ipset).

Law: a set type that is not here is an error that names it; so is an option that would change
what matches.

Modelled: hash:ip, hash:net, hash:ip,port, hash:net,port, hash:ip,port,ip, bitmap:port, with
``nomatch`` on nets. Timeouts, counters and netmasks are not.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, summarize_address_range

from pknet.netns.netfilter.networks import BITS, address, is_prefix, network, ones
from pknet.netns.netfilter.numbers import number, port
from pknet.netns.netfilter.protocols import ICMP, TCP, protocol

#: What each dimension of a type is: an address, a network, a port (with its protocol) or a port.
TYPES = {
    "hash:ip": ("ip",), "hash:net": ("net",), "hash:ip,port": ("ip", "port"),
    "hash:net,port": ("net", "port"), "hash:ip,port,ip": ("ip", "port", "ip"),
    "bitmap:port": ("bare port",),
}  # fmt: skip
NAME_LIMIT = 31  # Linux: IPSET_MAXNAMELEN - 1
MAX_ELEMENTS = 65536

#: What a packet shows a set: an address for "ip" and "net", protocol << 16 | port for a port.
Key = tuple[int, ...]


class IpSet:
    """One set, asked by exact look-ups: one for each combination of masks that members have."""

    def __init__(self, name: str, kind: str, family: int = 4) -> None:
        self.name = name
        self.dimensions = TYPES[kind]
        self.kind = kind
        self.family = family
        self.size = 0
        self._shapes: dict[Key, dict[Key, bool]] = {}  # masks: masked key: is it a match

    def add(self, text: str, nomatch: bool = False) -> None:
        """``10.0.0.1,tcp:80``; a range is as many members. Raises ValueError."""
        words = text.split(",")
        if len(words) != len(self.dimensions):
            raise ValueError(f"{text!r} is no element of a set of type {self.kind}")
        members: list[tuple[Key, Key]] = [((), ())]
        for dimension, word in zip(self.dimensions, words, strict=True):
            parts = _parts(dimension, word, self.family)
            self._fits(len(members) * len(parts))
            members = [((*m, mask), (*k, key)) for m, k in members for mask, key in parts]
        for masks, key in members:
            self._shapes.setdefault(masks, {})[key] = not nomatch
        self.size += len(members)
        self._shapes = dict(sorted(self._shapes.items(), reverse=True))  # the narrowest first

    def _fits(self, more: int) -> None:
        if self.size + more > MAX_ELEMENTS:
            raise ValueError(f"set {self.name} is full: at most {MAX_ELEMENTS} elements")

    def holds(self, values: Key) -> bool:
        """True where the narrowest member that covers ``values`` is not marked nomatch."""
        for masks, members in self._shapes.items():
            key = tuple(value & mask for value, mask in zip(values, masks, strict=True))
            if key in members:
                return members[key]
        return False


def _parts(dimension: str, text: str, family: int) -> list[tuple[int, int]]:
    """The (mask, value) pairs that one word of an element stands for. Raises ValueError."""
    if dimension == "port":
        return _ports(*_protocol_and_port(text))
    if dimension == "bare port":
        return _ports(0, text)
    if "-" in text:
        return _range(text, family)
    value, mask = network(text, family)
    if not mask or not is_prefix(mask, family):
        raise ValueError(f"{text!r} has no prefix length from 1 to {BITS[family]}")
    return [(mask, value & mask)]


def _range(text: str, family: int) -> list[tuple[int, int]]:
    low, high = (address(part, family) for part in text.split("-", 1))
    if low > high:
        raise ValueError(f"{text!r}: the smaller address comes first")
    kind = IPv4Address if family == 4 else IPv6Address
    nets = summarize_address_range(kind(low), kind(high))
    return [(int(net.netmask), int(net.network_address)) for net in nets]


def _protocol_and_port(text: str) -> tuple[int, str]:
    name, colon, rest = text.rpartition(":")
    return (protocol(name) if colon else TCP), rest


def _ports(proto: int, text: str) -> list[tuple[int, int]]:
    whole = ones(4)
    if proto == ICMP:
        kind, slash, code = text.partition("/")
        if not slash:
            raise ValueError(f"{text!r}: write an ICMP element as icmp:TYPE/CODE, in numbers")
        value = number(kind, 0, 255, "ICMP type") << 8 | number(code, 0, 255, "ICMP code")
        return [(whole, proto << 16 | value)]
    low, dash, high = text.partition("-")
    first, last = port(low), port(high) if dash else port(low)
    if first > last:
        raise ValueError(f"{text!r}: the smaller port comes first")
    return [(whole, proto << 16 | value) for value in range(first, last + 1)]
