"""A value of the file, which knows where it stands and notes what is wrong with it.

Law: a wrong value is noted as a fault with its place, and reading goes on, so that one look
finds them all. What notes a fault returns None, or the empty thing of its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from pknet.topology.document import kind_of, place_of
from pknet.topology.fault import Fault, listed, near, shown
from pknet.topology.number import number_of, why_no_number
from pknet.topology.place import Place
from pknet.topology.source import Source

T = TypeVar("T")
D = TypeVar("D")

_TRUE = frozenset({"true", "yes", "on"})  # YAML 1.1, section "bool"


class Value:
    """A YAML node with its path, such as ``nodes.A.interfaces.eth0.mtu``."""

    __slots__ = ("key", "name", "node", "path", "source")

    def __init__(
        self, source: Source, node: Node, path: str = "", name: str = "", key: Node | None = None
    ) -> None:
        self.source = source
        self.node = node
        self.path = path
        self.name = name  # of the key, where it stands in a mapping
        self.key = key

    @property
    def place(self) -> Place:
        """Where it begins."""
        return place_of(self.node, self.source.file)

    @property
    def empty(self) -> bool:
        """True where nothing, or ``null``, is written."""
        return isinstance(self.node, ScalarNode) and self.node.tag.endswith(":null")

    # --- faults

    def fault(self, message: str) -> None:
        """This value is wrong."""
        self.source.faults.append(Fault(self.place, self.path, message))

    def fault_key(self, message: str) -> None:
        """Its key is wrong, or what stands under that key as a whole."""
        place = place_of(self.key or self.node, self.source.file)
        self.source.faults.append(Fault(place, self.path, message))

    # --- collections

    def fields(self, *known: str) -> Fields:
        """A mapping's values by key; unknown and repeated keys are faults."""
        found = Fields()
        for value in self._pairs():
            if value.name in known:
                found[value.name] = value
            else:
                text = f"unknown key {shown(value.name)}{near(value.name, known)}"
                Value(self.source, value.node, self.path, key=value.key).fault_key(
                    f"{text}; allowed: {', '.join(known)}"
                )
        return found

    def entries(self, parse: Callable[[str], T]) -> Iterator[tuple[Value, T]]:
        """A mapping whose keys are of the user's own making: each value, and its key parsed."""
        return ((value, key) for value, key in self._parsed(parse) if key is not None)

    def named(self, parse: Callable[[str], str]) -> Iterator[tuple[Value, str]]:
        """The same with the name that stands there, even where it is a wrong one.

        So that what is called by it elsewhere is not wrong too.
        """
        return ((value, value.name) for value, _ in self._parsed(parse))

    def _parsed(self, parse: Callable[[str], T]) -> Iterator[tuple[Value, T | None]]:
        for value in self._pairs():
            key = None
            try:
                key = parse(value.name)
            except ValueError as error:
                Value(self.source, value.node, self.path, key=value.key).fault_key(str(error))
            yield value, key

    def _pairs(self) -> Iterator[Value]:
        if self.empty:
            return
        if not isinstance(self.node, MappingNode):
            self.fault(f"expected a mapping, got {kind_of(self.node)}")
            return
        seen: set[str] = set()
        for key, node in self.node.value:
            if not isinstance(key, ScalarNode):
                Value(self.source, key, self.path).fault(f"a key is a name, not {kind_of(key)}")
            elif key.value in seen:
                text = f"the key {shown(key.value)} stands here twice"
                Value(self.source, key, self.path).fault(text)
            else:
                seen.add(key.value)
                step = key.value if key.value.isprintable() else shown(key.value)
                path = f"{self.path}.{step}" if self.path else step
                yield Value(self.source, node, path, key.value, key)

    def only(self, key: str, wanted: str) -> Value | None:
        """The value of a mapping that has one key; ``wanted`` says what else would do."""
        if not isinstance(self.node, MappingNode) or not self.node.value:
            self.fault(f"expected {wanted}, got {kind_of(self.node)}")
            return None
        return self.fields(key).get(key)

    def items(self) -> list[Value]:
        """A list's values."""
        if self.empty:
            return []
        if not isinstance(self.node, SequenceNode):
            self.fault(f"expected a list, got {kind_of(self.node)}")
            return []
        nodes = enumerate(self.node.value)
        return [Value(self.source, node, f"{self.path}[{index}]") for index, node in nodes]

    # --- scalars

    def text(self) -> str | None:
        """Any scalar, as it is written."""
        if not isinstance(self.node, ScalarNode) or self.empty:
            self.fault(f"expected text, got {kind_of(self.node)}")
            return None
        return str(self.node.value)

    def boolean(self) -> bool | None:
        """``true`` or ``false``."""
        if not isinstance(self.node, ScalarNode) or not self.node.tag.endswith(":bool"):
            self.fault(f"expected true or false, got {kind_of(self.node)}")
            return None
        return self.node.value.lower() in _TRUE

    def integer(self, low: int, high: int) -> int | None:
        """A number from ``low`` to ``high``, decimal or 0x…"""
        allowed = f"allowed: {low} to {high}"
        if not isinstance(self.node, ScalarNode) or not self.node.tag.endswith(":int"):
            self.fault(f"expected a number, got {kind_of(self.node)}; {allowed}")
            return None
        number = number_of(self.node.value)
        if number is None:
            text = self.node.value
            self.fault(f"{shown(text)} is not read as a number: {why_no_number(text)}; {allowed}")
        elif not low <= number <= high:
            self.fault(f"{number} is out of range; {allowed}")
            return None
        return number

    def choice(self, *allowed: str) -> str | None:
        """One of ``allowed``."""
        word = self.text()
        if word is None or word in allowed:
            return word
        self.fault(f"{shown(word)} is not known{near(word, allowed)}; allowed: {listed(allowed)}")
        return None

    def parsed(self, parse: Callable[[str], T]) -> T | None:
        """What ``parse`` makes of the text; its ValueError is the fault."""
        text = self.text()
        if text is None:
            return None
        try:
            return parse(text)
        except ValueError as error:
            self.fault(str(error))
            return None


class Fields(dict[str, Value]):
    """The values of a mapping by key."""

    def read(self, name: str, how: Callable[[Value], T | None], default: D) -> T | D:
        """What ``how`` makes of the value; ``default`` where there is none, or a wrong one."""
        value = how(self[name]) if name in self else None
        return default if value is None else value

    def missing(self, *names: str) -> list[str]:
        """Those of ``names`` that are not there."""
        return [name for name in names if name not in self]


def integer(low: int, high: int) -> Callable[[Value], int | None]:
    """For ``Fields.read``."""
    return lambda value: value.integer(low, high)


def parsed(parse: Callable[[str], T]) -> Callable[[Value], T | None]:
    """For ``Fields.read``."""
    return lambda value: value.parsed(parse)


def every(values: Iterable[T | None]) -> list[T]:
    """Those that could be read."""
    return [value for value in values if value is not None]
