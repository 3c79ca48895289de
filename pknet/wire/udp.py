"""UDP (RFC 768)."""

from __future__ import annotations

import struct
from typing import NamedTuple

from pknet.wire import ipv4
from pknet.wire.checksum import checksum, pseudo_header

HEADER_LENGTH = 8
_HEADER = struct.Struct("!HHHH")


class Udp(NamedTuple):
    """The header."""

    sport: int
    dport: int
    length: int
    checksum: int

    @classmethod
    def parse(cls, data: bytes, offset: int = 0) -> Udp:
        """Raises struct.error where fewer than eight bytes are left."""
        return cls._make(_HEADER.unpack_from(data, offset))


def build(src: int, dst: int, sport: int, dport: int, payload: bytes) -> bytes:
    """A whole datagram; a checksum that comes out 0 is sent as 0xffff."""
    bare = unsummed(sport, dport, payload)
    total = checksum(pseudo_header(src, dst, ipv4.UDP, len(bare)) + bare) or 0xFFFF
    return bare[:6] + total.to_bytes(2, "big") + bare[8:]


def unsummed(sport: int, dport: int, payload: bytes) -> bytes:
    """The same with a checksum of 0, which says that there is none (RFC 768)."""
    return _HEADER.pack(sport, dport, HEADER_LENGTH + len(payload), 0) + payload
