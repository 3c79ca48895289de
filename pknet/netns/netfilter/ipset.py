"""``ipset save`` text, for ``-m set``.

Law: a set type that is not here is an error that names it; so is an option that would change
what matches.

Modelled: hash:ip, hash:net, hash:ip,port, hash:net,port, hash:ip,port,ip, bitmap:port, with
``nomatch`` on nets. Timeouts and counters are not.
"""

from __future__ import annotations

from collections.abc import Iterator

from pknet.netns.netfilter.faults import RuleFault
from pknet.netns.netfilter.numbers import PROTOCOLS, network, port

TYPES = {
    "hash:ip": ("net",), "hash:net": ("net",), "hash:ip,port": ("net", "port"),
    "hash:net,port": ("net", "port"), "hash:ip,port,ip": ("net", "port", "net"),
    "bitmap:port": ("port",),
}  # fmt: skip
_SIZES = frozenset({"family", "hashsize", "maxelem", "range", "bucketsize", "initval", "netmask"})
NAME_LIMIT = 31
MAX_ELEMENTS = 65536

Part = tuple[int, ...]  # a net: address, mask; a port: protocol (0: any), low, high


class IpSet:
    """One set: its type's dimensions, and its members in order."""

    def __init__(self, name: str, kind: str) -> None:
        self.name = name
        self.kind = kind
        self.dimensions = TYPES[kind]
        self.members: list[tuple[tuple[Part, ...], bool]] = []  # parts, nomatch

    def add(self, text: str, nomatch: bool) -> None:
        """``10.0.0.1,tcp:80``. Raises ValueError."""
        words = text.split(",")
        if len(words) != len(self.dimensions):
            raise ValueError(f"{text!r} is no element of a set of type {self.kind}")
        if len(self.members) >= MAX_ELEMENTS:
            raise ValueError(f"set {self.name} is full: {MAX_ELEMENTS} elements")
        parts = tuple(_part(d, w) for d, w in zip(self.dimensions, words, strict=True))
        self.members.append((parts, nomatch))

    def holds(self, values: tuple[tuple[int, int], ...]) -> bool:
        """``values``: for a net (address, 0), for a port (protocol, port); the narrowest decides."""
        best, found = -1, False
        for parts, nomatch in self.members:
            if all(map(_matches, self.dimensions, parts, values)):
                width = sum(part[1] for part in parts if len(part) == 2)
                if width > best:
                    best, found = width, not nomatch
        return found


def _part(dimension: str, text: str) -> Part:
    if dimension == "net":
        return network(text)
    name, colon, rest = text.rpartition(":")
    if colon and name not in PROTOCOLS:
        raise ValueError(f"unknown protocol {name!r}")
    low, dash, high = rest.partition("-")
    return (PROTOCOLS[name] if colon else 6, port(low), port(high) if dash else port(low))


def _matches(dimension: str, part: Part, value: tuple[int, int]) -> bool:
    if dimension == "net":
        return value[0] & part[1] == part[0]
    return value[0] == part[0] and part[1] <= value[1] <= part[2]


def parse_sets(text: str, faults: list[RuleFault]) -> dict[str, IpSet]:
    """The sets of ``text``; what is wrong is noted in ``faults``."""
    sets: dict[str, IpSet] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            _line(sets, words)
        except ValueError as error:
            column = len(line) - len(line.lstrip()) + 1
            faults.append(RuleFault(number, column, str(error), "ipset"))
    return sets


def _line(sets: dict[str, IpSet], words: list[str]) -> None:
    if words[0] == "create" and len(words) >= 3:
        _create(sets, words[1], words[2], iter(words[3:]))
    elif words[0] == "add" and len(words) >= 3:
        if words[1] not in sets:
            raise ValueError(f"the set {words[1]!r} does not exist")
        extra = [word for word in words[3:] if word != "nomatch"]
        if extra:
            raise ValueError(f"the element option {extra[0]!r} is not modelled")
        sets[words[1]].add(words[2], "nomatch" in words[3:])
    else:
        raise ValueError("expected 'create NAME TYPE …' or 'add NAME ELEMENT'")


def _create(sets: dict[str, IpSet], name: str, kind: str, options: Iterator[str]) -> None:
    if kind not in TYPES:
        raise ValueError(f"the set type {kind!r} is not modelled; there are {', '.join(TYPES)}")
    if name in sets or len(name) > NAME_LIMIT:
        raise ValueError(f"the set {name!r} exists already, or its name is too long")
    for option in options:
        value = next(options, None)
        if option not in _SIZES or value is None or (option == "family" and value != "inet"):
            raise ValueError(f"the set option {option!r} is not modelled")
    sets[name] = IpSet(name, kind)
