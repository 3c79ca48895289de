"""The Internet checksum (RFC 1071) and its incremental update (RFC 1624).

Law: a checksum that was wrong on arrival stays wrong by the same amount after a rewrite;
only what pknet itself originates is summed from scratch.
"""

from __future__ import annotations

import struct


def checksum(data: bytes) -> int:
    """The 16-bit one's complement of the one's complement sum of ``data`` (RFC 1071)."""
    if len(data) & 1:
        data += b"\0"
    total = int.from_bytes(data, "big")
    folded = total % 0xFFFF  # 2**16 is 1 modulo 0xffff: the division folds every carry at once
    if folded == 0 and total:
        folded = 0xFFFF
    return 0xFFFF - folded


def pseudo_header(src: int, dst: int, protocol: int, length: int) -> bytes:
    """What TCP and UDP sum besides their own bytes, for IPv4 (RFC 793, section 3.1)."""
    return struct.pack("!IIBBH", src, dst, 0, protocol, length)


def updated(old_sum: int, old: int, new: int) -> int:
    """``old_sum`` after one 16-bit word changed from ``old`` to ``new`` (RFC 1624, equation 3)."""
    total = (old_sum ^ 0xFFFF) + (old ^ 0xFFFF) + new
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def updated32(old_sum: int, old: int, new: int) -> int:
    """The same for a 32-bit field, such as an IPv4 address."""
    return updated(updated(old_sum, old >> 16, new >> 16), old & 0xFFFF, new & 0xFFFF)
