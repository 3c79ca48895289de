"""Moving the state of a network on by many periods at once.

Law: the very things that the image was taken of, in the very order in which it was; every number
and every frame under way is what it would be if all periods had been walked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from types import BuiltinFunctionType, CellType, FunctionType, MethodType
from typing import Any

from pknet.fastpath.movement import Movement
from pknet.fastpath.shape import Kind, attributes, frozen_fields, has_dict, kind


def advance(roots: Iterable[object], movement: Movement, periods: int) -> None:
    """Move everything on. Nothing may have happened since the last image of ``movement``."""
    mover = _Mover(movement, periods)
    for root in roots:
        mover.value(root)
    for thing in mover.things:  # which grows
        mover.thing(thing)


class _Mover:
    """Goes the way of Image, and writes where it reads."""

    def __init__(self, movement: Movement, periods: int) -> None:
        self.things: list[Any] = []
        self._known: set[int] = set()
        self._steps = iter(movement.steps)
        self._frames = iter(movement.frames)
        self._periods = periods

    def thing(self, thing: Any) -> None:
        """Its parts."""
        cls: Any = type(thing)
        if isinstance(thing, dict):
            self._mapping(thing)
        elif cls is list or cls is deque:
            for n, each in enumerate(thing):
                thing[n] = self.value(each)
        elif cls is CellType:
            thing.cell_contents = self.value(thing.cell_contents)
        elif cls is FunctionType:
            self.value(thing.__closure__)
        else:
            self._attributes(thing, cls)

    def _mapping(self, thing: dict[Any, Any]) -> None:
        """In its old order; a key may have moved."""
        items = [(self.value(key), self.value(value)) for key, value in thing.items()]
        thing.clear()
        dict.update(thing, items)  # a Counter's own would count the pairs

    def _attributes(self, thing: Any, cls: Any) -> None:
        own = tuple(thing.__dict__) if has_dict(cls) else ()
        for name in (*attributes(cls), *own):
            before = getattr(thing, name, None)
            after = self.value(before)
            if after is not before:
                setattr(thing, name, after)

    def value(self, value: Any) -> Any:
        """What it is after all those periods; of a thing, itself."""
        cls: Any = type(value)
        match kind(cls):
            case Kind.NUMBER:
                step = next(self._steps)
                return value + step * self._periods if step else value
            case Kind.FRAME:
                frame = next(self._frames)
                return frame.at(self._periods) if frame.counters else value
            case Kind.THING:
                self._meet(value)
            case Kind.VALUE:
                return self._parts(value, cls)
        return value

    def _meet(self, thing: object) -> None:
        if id(thing) not in self._known:
            self._known.add(id(thing))
            self.things.append(thing)

    def _parts(self, value: Any, cls: Any) -> Any:
        if cls is MethodType or cls is BuiltinFunctionType:
            self.value(value.__self__)
            return value
        if not issubclass(cls, tuple):
            changes = {name: self.value(getattr(value, name)) for name in frozen_fields(cls)}
            same = all(getattr(value, name) is part for name, part in changes.items())
            return value if same else replace(value, **changes)
        parts = [self.value(each) for each in value]
        if all(a is b for a, b in zip(parts, value, strict=True)):
            return value
        return cls(parts) if cls is tuple else cls._make(parts)
