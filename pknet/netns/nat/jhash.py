"""Bob Jenkins' lookup3 hash (Linux: include/linux/jhash.h), by which NAT picks an address.

Law: the same numbers as the kernel's, so that the same client gets the same address.
"""

from __future__ import annotations

from collections.abc import Sequence

_INITVAL = 0xDEADBEEF
_MASK = 0xFFFFFFFF


def _rotate(word: int, shift: int) -> int:
    return (word << shift | word >> (32 - shift)) & _MASK


def _mix(a: int, b: int, c: int) -> tuple[int, int, int]:
    for shift in (4, 6, 8, 16, 19, 4):  # each round leaves the three names one further on
        a = (a - c & _MASK) ^ _rotate(c, shift)
        c = c + b & _MASK
        a, b, c = b, c, a
    return a, b, c


def _final(a: int, b: int, c: int) -> int:
    for shift in (14, 11, 25, 16, 4, 14, 24):
        c = (c ^ b) - _rotate(b, shift) & _MASK
        a, b, c = b, c, a
    return b


def jhash2(words: Sequence[int], seed: int) -> int:
    """The hash of 32-bit ``words`` (Linux: jhash2)."""
    a = b = c = _INITVAL + (len(words) << 2) + seed & _MASK
    rest = list(words)
    while len(rest) > 3:
        a, b, c = _mix(a + rest[0] & _MASK, b + rest[1] & _MASK, c + rest[2] & _MASK)
        rest = rest[3:]
    if not rest:
        return c
    k0, k1, k2 = [*rest, 0, 0, 0][:3]
    return _final(a + k0 & _MASK, b + k1 & _MASK, c + k2 & _MASK)


def scaled(value: int, size: int) -> int:
    """A 32-bit ``value`` as one from 0 to ``size`` - 1 (Linux: reciprocal_scale)."""
    return value * size >> 32
