"""The whole state of a network at one moment, as lists that can be compared.

Law: nothing that could decide what happens next is left out. Things are walked in the order in
which they are met, so that two states of the same build are laid out alike: ``shape`` holds all
that must be equal, ``numbers`` and ``frames`` what may move, ``places`` where each number is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from types import BuiltinFunctionType, CellType, FunctionType, MethodType
from typing import Any

from pknet.fastpath.shape import Kind, attributes, frozen, frozen_fields, has_dict, kind
from pknet.fastpath.unsteady import UnsteadyError
from pknet.wire.frame import Frame

LIMIT = 400_000  # things looked at; a larger network is walked
Place = tuple[type, str]  # the class that holds it, and under which name


class Image:
    """The state that can be reached from ``roots``. Raises UnsteadyError where some is unknown."""

    def __init__(self, roots: Iterable[object]) -> None:
        self.shape: list[object] = []
        self.numbers: list[int] = []
        self.places: list[Place] = []
        self.frames: list[Frame] = []
        self._things: list[tuple[Any, Place]] = []
        self._known: dict[int, int] = {}
        for root in roots:
            self._value(root, (object, ""))
        for thing, place in self._things:  # which grows
            self._thing(thing, place)

    def _thing(self, thing: Any, place: Place) -> None:
        """Its parts; what a container holds has the place of the container."""
        cls: Any = type(thing)
        if isinstance(thing, dict):
            self._mapping(thing, place)
        elif cls is list or cls is deque:
            self.shape.append(len(thing))
            for each in thing:
                self._value(each, place)
        elif cls is CellType:
            self._value(thing.cell_contents, place)
        elif cls is FunctionType:
            if not str(thing.__module__).startswith("pknet."):
                raise UnsteadyError(f"nobody knows what {thing.__qualname__} does")
            self.shape += (thing.__code__, thing.__defaults__, thing.__kwdefaults__)
            self._value(thing.__closure__, place)
        else:
            self._attributes(thing, cls)

    def _mapping(self, thing: dict[Any, Any], place: Place) -> None:
        self.shape.append(len(thing))
        for key, value in thing.items():
            self._value(key, place)
            self._value(value, place)

    def _attributes(self, thing: Any, cls: Any) -> None:
        for name in attributes(cls):
            self._value(getattr(thing, name, None), (cls, name))
        for name, value in getattr(thing, "__dict__", {}).items() if has_dict(cls) else ():
            self.shape.append(name)
            self._value(value, (cls, name))

    def _value(self, value: Any, place: Place) -> None:
        cls: Any = type(value)
        match kind(cls):
            case Kind.NUMBER:
                self.numbers.append(value)
                self.places.append(place)
            case Kind.PLAIN:
                self.shape.append(frozen(value))
            case Kind.THING:
                self.shape.append(self._number_of(value, place))
            case Kind.VALUE:
                self._parts(value, cls, place)
            case Kind.FRAME:
                self.frames.append(value)
            case Kind.CHANCE:
                self.shape.append(value.getstate())
            case Kind.FIXED:
                self.shape.append(id(value))

    def _parts(self, value: Any, cls: Any, place: Place) -> None:
        self.shape.append(cls)
        if cls is MethodType or cls is BuiltinFunctionType:
            self.shape.append(value.__name__)
            self._value(value.__self__, place)
        elif issubclass(cls, tuple):
            self.shape.append(len(value))
            for each in value:
                self._value(each, place)
        else:
            for name in frozen_fields(cls):
                self._value(getattr(value, name), (cls, name))

    def _number_of(self, thing: object, place: Place) -> int:
        """The thing's number; it is looked at when its turn comes."""
        number = self._known.get(id(thing))
        if number is None:
            number = self._known[id(thing)] = len(self._things)
            if number >= LIMIT:
                raise UnsteadyError(f"more than {LIMIT} things")
            self._things.append((thing, place))
            self.shape.append(type(thing))
        return number
