"""What the running kernel's structures look like, as its own BTF tells.

Documentation/bpf/btf.rst. Law: an offset is never guessed; it differs from kernel to kernel.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pknet.kernel.errors import KernelUnavailableError

VMLINUX = Path("/sys/kernel/btf/vmlinux")
STRUCT, UNION, ENUM, TYPEDEF, PROTOTYPE = 4, 5, 6, 8, 13
_NAMES_FOR = frozenset({8, 9, 10, 11, 18})  # typedef, volatile, const, restrict, type tag

_HEADER = struct.Struct("=HBBIIIII")  # struct btf_header
_TYPE = struct.Struct("=III")  # struct btf_type: name, info, size or type
_MEMBER = struct.Struct("=III")  # struct btf_member: name, type, offset in bits
_ENUMERATOR = struct.Struct("=Ii")  # struct btf_enum: name, value
#: Bytes that follow a type, by its kind: so many, and so many for each of its ``vlen``.
_TAIL = {1: (4, 0), 3: (12, 0), 4: (0, 12), 5: (0, 12), 6: (0, 8), 13: (0, 8), 14: (4, 0),
         15: (0, 12), 17: (4, 0), 19: (0, 12)}  # fmt: skip


class Member(NamedTuple):
    """A member of a structure: its name, the number of its type, its offset in bytes."""

    name: str
    type: int
    offset: int


class Btf:
    """The types of one kernel. Raises KernelUnavailableError where it does not tell them."""

    def __init__(self, path: Path = VMLINUX) -> None:
        try:
            self._data = path.read_bytes()
        except OSError as error:
            reason = f"{path}: {error.strerror} (CONFIG_DEBUG_INFO_BTF)"
            raise KernelUnavailableError(reason) from error
        _, _, _, header, types, size, strings, _ = _HEADER.unpack_from(self._data)
        self._strings = header + strings
        self._places = list(self._each_type(header + types, size))

    def offset(self, structure: str, *path: str) -> int:
        """In bytes: ``offset("net", "ns", "inum")``. Raises KernelUnavailableError."""
        kind, total = self._find(structure, STRUCT), 0
        for name in path:
            member = self._member(kind, name)
            if member is None:
                raise KernelUnavailableError(f"this kernel's {structure} has no {'.'.join(path)}")
            kind, total = member.type, total + member.offset
        return total

    def enumerators(self, enumeration: str) -> dict[int, str]:
        """The names of an enum by value. Raises KernelUnavailableError."""
        number = self._find(enumeration, ENUM)
        found = [_ENUMERATOR.unpack_from(self._data, at) for at in self._parts(number, 8)]
        return {value: self._string(name) for name, value in found}

    def arguments(self, function: str) -> int:
        """How many a typedef of a pointer to a function takes. Raises KernelUnavailableError."""
        number = self._find(function, TYPEDEF)
        while True:
            _, info, other = _TYPE.unpack_from(self._data, self._places[number])
            if info >> 24 & 31 == PROTOTYPE:
                return int(info) & 0xFFFF
            number = other

    def _each_type(self, start: int, size: int) -> Iterator[int]:
        """Where each type stands, by number; number 0 is void, and stands at the first one."""
        yield start
        at = start
        while at < start + size:
            yield at
            _, info, _ = _TYPE.unpack_from(self._data, at)
            fixed, each = _TAIL.get(info >> 24 & 31, (0, 0))
            at += _TYPE.size + fixed + each * (info & 0xFFFF)

    def _find(self, wanted: str, kind: int) -> int:
        offset = self._data.find(b"\0" + wanted.encode() + b"\0", self._strings) + 1 - self._strings
        for number, at in enumerate(self._places):
            name, info, _ = _TYPE.unpack_from(self._data, at)
            if name == offset and info >> 24 & 31 == kind:
                return number
        raise KernelUnavailableError(f"this kernel has no {wanted}")

    def _parts(self, number: int, size: int) -> Iterator[int]:
        """Where each member or enumerator of a type stands."""
        start = self._places[number]
        _, info, _ = _TYPE.unpack_from(self._data, start)
        for index in range(info & 0xFFFF):
            yield start + _TYPE.size + size * index

    def _member(self, number: int, wanted: str) -> Member | None:
        """Members of anonymous members are members."""
        for member in self._members(number):
            if member.name == wanted:
                return member
            inner = None if member.name else self._member(member.type, wanted)
            if inner is not None:
                return inner._replace(offset=member.offset + inner.offset)
        return None

    def _members(self, number: int) -> Iterator[Member]:
        _, info, other = _TYPE.unpack_from(self._data, self._places[number])
        if info >> 24 & 31 in _NAMES_FOR:
            yield from self._members(other)
        elif info >> 24 & 31 in (STRUCT, UNION):
            for at in self._parts(number, _MEMBER.size):
                name, kind, bits = _MEMBER.unpack_from(self._data, at)
                yield Member(self._string(name), kind, (bits & 0xFFFFFF) // 8)

    def _string(self, offset: int) -> str:
        start = self._strings + offset
        return self._data[start : self._data.index(b"\0", start)].decode()


@cache
def running_kernel() -> Btf:
    """Read once: it takes a tenth of a second."""
    return Btf()
