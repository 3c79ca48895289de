"""The VXLAN header (RFC 7348, section 5): flags, a network identifier, and an Ethernet frame.

Law: of the header only the I flag and the VNI mean anything; every other bit is reserved, sent
as zero, and seen by whoever receives it.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

HEADER_LENGTH = 8
FLAG_VNI = 0x08000000  # the I flag: the VNI is valid
MAX_VNI = 2**24 - 1

_HEADER = struct.Struct("!II")


class Vxlan(NamedTuple):
    """Both words, as they are: the flags, and the VNI above a reserved byte."""

    flags: int
    vni_word: int

    @classmethod
    def parse(cls, data: bytes, offset: int = 0) -> Vxlan:
        """Raises struct.error where fewer than eight bytes are left."""
        return cls._make(_HEADER.unpack_from(data, offset))

    @property
    def vni(self) -> int:
        """The VXLAN network identifier."""
        return self.vni_word >> 8

    @property
    def reserved(self) -> bool:
        """A bit is set that RFC 7348 keeps at zero."""
        return bool(self.flags & ~FLAG_VNI or self.vni_word & 0xFF)


def build(vni: int, frame: bytes) -> bytes:
    """The payload of the UDP datagram that carries ``frame``."""
    return _HEADER.pack(FLAG_VNI, vni << 8) + frame
