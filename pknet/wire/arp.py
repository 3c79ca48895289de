"""ARP for IPv4 over Ethernet (RFC 826)."""

from __future__ import annotations

import struct
from typing import NamedTuple

LENGTH = 28
REQUEST = 1
REPLY = 2

_PACKET = struct.Struct("!HHBBH6sI6sI")
_PREFIX = (1, 0x0800, 6, 4)  # Ethernet, IPv4, and their address lengths


class Arp(NamedTuple):
    """An ARP packet; protocol addresses are integers."""

    operation: int
    sender_mac: bytes
    sender_ip: int
    target_mac: bytes
    target_ip: int

    @classmethod
    def parse(cls, data: bytes) -> Arp | None:
        """None where ``data`` is short, or not IPv4 over Ethernet (Linux: arp_rcv)."""
        if len(data) < LENGTH:
            return None
        *prefix, operation, sha, spa, tha, tpa = _PACKET.unpack_from(data)
        if tuple(prefix) != _PREFIX:
            return None
        return cls(operation, sha, spa, tha, tpa)

    def emit(self) -> bytes:
        """The 28 bytes."""
        return _PACKET.pack(*_PREFIX, *self)
