"""Typed values out of YAML nodes.

Law: a wrong value is noted as a fault with its place, and reading goes on, so that one look
finds them all. A reader method that noted a fault returns None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address, IPv4Interface
from typing import TypeVar

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from pknet.topology.document import kind_of, place_of
from pknet.topology.fault import Fault, near
from pknet.topology.spec import Place
from pknet.wire.address import mac_bytes

T = TypeVar("T")

_TRUE = frozenset({"true", "yes", "on"})
MAX_INTEGER_DIGITS = 20


class Reader:
    """Collects faults while values are read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def place(self, node: Node) -> Place:
        """Where ``node`` stands."""
        return place_of(node, self.file)

    def fault(self, node: Node, path: str, message: str) -> None:
        """Note that something is wrong with ``node``."""
        self.faults.append(Fault(self.place(node), path, message))

    # --- collections

    def fields(self, node: Node, path: str, known: Iterable[str]) -> dict[str, Node]:
        """A mapping's values by key; unknown and repeated keys are faults."""
        allowed = list(known)
        found: dict[str, Node] = {}
        for key, name, value in self._pairs(node, path):
            if name not in allowed:
                text = f"unknown key {name!r}{near(name, allowed)}; allowed: {', '.join(allowed)}"
                self.fault(key, path, text)
            else:
                found[name] = value
        return found

    def entries(self, node: Node, path: str) -> Iterator[tuple[Node, str, Node]]:
        """A mapping whose keys are names of the user's own: key node, key, value."""
        return self._pairs(node, path)

    def _pairs(self, node: Node, path: str) -> Iterator[tuple[Node, str, Node]]:
        if is_null(node):
            return
        if not isinstance(node, MappingNode):
            self.fault(node, path, f"expected a mapping, got {kind_of(node)}")
            return
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.fault(key, path, f"a key is a name, not {kind_of(key)}")
            elif key.value in seen:
                self.fault(key, path, f"the key {key.value!r} stands here twice")
            else:
                seen.add(key.value)
                yield key, key.value, value

    def items(self, node: Node, path: str) -> list[Node]:
        """A list's nodes."""
        if is_null(node):
            return []
        if not isinstance(node, SequenceNode):
            self.fault(node, path, f"expected a list, got {kind_of(node)}")
            return []
        return list(node.value)

    # --- scalars

    def text(self, node: Node, path: str) -> str | None:
        """Any scalar, as it is written."""
        if not isinstance(node, ScalarNode) or is_null(node):
            self.fault(node, path, f"expected text, got {kind_of(node)}")
            return None
        return str(node.value)

    def integer(self, node: Node, path: str, low: int, high: int) -> int | None:
        """A number from ``low`` to ``high``, decimal or 0x…"""
        value = None
        if isinstance(node, ScalarNode) and node.tag.endswith(":int"):
            value = _int(node.value)
        if value is None:
            self.fault(node, path, f"expected int, got {kind_of(node)}")
            return None
        if not low <= value <= high:
            self.fault(node, path, f"{value} is out of range; allowed: {low} to {high}")
            return None
        return value

    def boolean(self, node: Node, path: str) -> bool | None:
        """``true`` or ``false``."""
        if not isinstance(node, ScalarNode) or not node.tag.endswith(":bool"):
            self.fault(node, path, f"expected true or false, got {kind_of(node)}")
            return None
        return node.value.lower() in _TRUE

    def choice(self, node: Node, path: str, allowed: Iterable[str]) -> str | None:
        """One of ``allowed``."""
        value = self.text(node, path)
        names = list(allowed)
        if value is None or value in names:
            return value
        self.fault(node, path, f"{value!r}{near(value, names)} is none of {', '.join(names)}")
        return None

    def parsed(self, node: Node, path: str, parse: Callable[[str], T]) -> T | None:
        """What ``parse`` makes of the text; its ValueError is the fault."""
        value = self.text(node, path)
        if value is None:
            return None
        try:
            return parse(value)
        except ValueError as error:
            self.fault(node, path, str(error))
            return None

    def address(self, node: Node, path: str) -> IPv4Address | None:
        """``10.1.1.1``."""
        return self.parsed(node, path, ipv4_address)

    def cidr(self, node: Node, path: str) -> IPv4Interface | None:
        """``10.1.1.1/24``."""
        return self.parsed(node, path, ipv4_interface)

    def mac(self, node: Node, path: str) -> bytes | None:
        """``02:00:00:00:01:01``, not a group address."""
        mac = self.parsed(node, path, mac_bytes)
        if mac is not None and (mac[0] & 1 or not any(mac)):
            self.fault(node, path, "an interface has a unicast MAC: not a group address, not 0")
            return None
        return mac


def is_null(node: Node) -> bool:
    """True for an empty value."""
    return isinstance(node, ScalarNode) and node.tag.endswith(":null")


def _int(text: str) -> int | None:
    bare = text.replace("_", "")
    if len(bare) > MAX_INTEGER_DIGITS:
        return None
    try:
        return int(bare, 0)
    except ValueError:
        return None


def ipv4_address(text: str) -> IPv4Address:
    """Raises ValueError in words."""
    try:
        return IPv4Address(text)
    except ValueError:
        raise ValueError(f"{text!r} is no IPv4 address such as 10.1.1.1") from None


def ipv4_interface(text: str) -> IPv4Interface:
    """Raises ValueError in words."""
    try:
        if "/" not in text:
            raise ValueError
        return IPv4Interface(text)
    except ValueError:
        raise ValueError(f"{text!r} is no address with a prefix such as 10.1.1.1/24") from None
