"""How things hold what they hold: which of a thing's parts are values, which are things.

Law: what is not known here is not replayed. A value is told by what it is; a thing that may
change is told by who else holds it, and its parts are told where it is met first.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from operator import attrgetter, itemgetter
from pathlib import PurePath
from random import Random
from types import (
    BuiltinFunctionType,
    CellType,
    FunctionType,
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)

from pknet.fastpath.unsteady import UnsteadyError
from pknet.netns.sysctl import Sysctls
from pknet.trace import Hop, Trace
from pknet.wire.frame import BareFrame, Frame

#: Told by being equal.
PLAIN = (
    str, bytes, bytearray, bool, float, type(None), Enum, frozenset, set, type, ModuleType,
    attrgetter, itemgetter, WrapperDescriptorType, re.Pattern, PurePath, IPv4Address, IPv4Network,
    IPv4Interface,
)  # fmt: skip
#: Nobody sees what is inside; a visit that has not ended is no state of a network.
OPAQUE = (Hop,)


class Kind(Enum):
    """What is to be done with something that is met."""

    PLAIN = "compared"
    FIXED = "the same one, and it never changes"
    NUMBER = "compared, and may count up"
    FRAME = "bytes that crossed a link"
    CHANCE = "a stream of it, which nobody may have drawn from"
    VALUE = "a tuple, or something that is frozen like one"
    THING = "may change, and may be held by many"


_EXACT = {
    int: Kind.NUMBER, Frame: Kind.FRAME, BareFrame: Kind.FRAME,
    Random: Kind.CHANCE,
}  # fmt: skip


@cache
def kind(cls: type) -> Kind:
    """Of the instances of ``cls``. Raises UnsteadyError for one that is not known."""
    if cls in _EXACT:
        return _EXACT[cls]
    if issubclass(cls, PLAIN):
        return Kind.PLAIN
    if issubclass(cls, tuple | MethodType | BuiltinFunctionType):
        return Kind.VALUE
    if cls in (list, dict, deque, FunctionType, CellType) or issubclass(cls, dict):
        return Kind.THING
    if not cls.__module__.startswith("pknet.") or issubclass(cls, OPAQUE):
        raise UnsteadyError(f"{cls.__qualname__} is not known")
    if is_dataclass(cls) and cls.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        return Kind.FIXED if cls.__module__.startswith("pknet.topology.") else Kind.VALUE
    return Kind.THING


#: Of these, what is to come: not what is recorded, nor what can be worked out again.
_PARTS: dict[type, tuple[str, ...]] = {
    Trace: ("_packets", "_last_stamp"),
    Sysctls: ("_values",),
}


@cache
def attributes(cls: type) -> tuple[str, ...]:
    """The slots of ``cls`` and of what it inherits from; its __dict__ comes after them."""
    if cls in _PARTS:
        return _PARTS[cls]
    names = [
        f"_{base.__name__.lstrip('_')}{name}" if name.startswith("__") else name
        for base in cls.__mro__
        for name in _slots(base)
        if name not in ("__dict__", "__weakref__")
    ]
    return tuple(dict.fromkeys(names))


def _slots(base: type) -> tuple[str, ...]:
    slots = base.__dict__.get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


@cache
def frozen_fields(cls: type) -> tuple[str, ...]:
    """The fields of a frozen dataclass."""
    return tuple(field.name for field in fields(cls))


@cache
def has_dict(cls: type) -> bool:
    """Whether instances of ``cls`` have attributes beside its slots."""
    return cls.__dictoffset__ != 0 and cls not in _PARTS


def frozen(value: object) -> object:
    """A plain value that stays as it is now."""
    if isinstance(value, bytearray):
        return bytes(value)
    if isinstance(value, attrgetter | itemgetter):
        return repr(value)
    return frozenset(value) if isinstance(value, set) else value
