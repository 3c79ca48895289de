"""Ethernet II (IEEE 802.3): destination, source, type."""

from __future__ import annotations

import struct
from typing import NamedTuple

HEADER_LENGTH = 14
ETH_P_IP = 0x0800
ETH_P_ARP = 0x0806
ETH_P_IPV6 = 0x86DD
ETH_P_802_3_MIN = 0x0600  # below it the two bytes are a length (IEEE 802.3, 3.2.6)

_HEADER = struct.Struct("!6s6sH")


class Ethernet(NamedTuple):
    """The header of a frame. ``parse`` and ``emit`` are each other's inverse."""

    dst: bytes
    src: bytes
    type: int

    @classmethod
    def parse(cls, wire: bytes) -> Ethernet:
        """Read the first 14 bytes. Raises struct.error on less."""
        return cls._make(_HEADER.unpack_from(wire))

    def emit(self) -> bytes:
        """The 14 bytes."""
        return _HEADER.pack(*self)


def type_text(kind: int) -> str:
    """What the two bytes before the payload say."""
    return f"EtherType 0x{kind:04x}" if kind >= ETH_P_802_3_MIN else "IEEE 802.3"
