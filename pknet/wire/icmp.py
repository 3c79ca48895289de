"""ICMP (RFC 792)."""

from __future__ import annotations

import struct
from typing import NamedTuple

from pknet.wire.checksum import checksum

HEADER_LENGTH = 8

ECHO_REPLY = 0
DEST_UNREACH = 3
REDIRECT = 5
ECHO_REQUEST = 8
TIME_EXCEEDED = 11
PARAMETER_PROBLEM = 12
TIMESTAMP = 13
TIMESTAMP_REPLY = 14
MASK_REQUEST = 17
MASK_REPLY = 18
EXTENDED_ECHO_REQUEST = 42
EXTENDED_ECHO_REPLY = 43

REDIRECT_HOST = 1
REDIRECT_CODES = range(4)  # of networks and hosts, with and without a type of service

#: Those that quote a packet (Linux: icmp_is_err).
ERRORS = frozenset({DEST_UNREACH, 4, REDIRECT, TIME_EXCEEDED, PARAMETER_PROBLEM})
#: Those that tell of a packet's death; one that was only redirected is on its way.
LOSSES = ERRORS - {4, REDIRECT}

NET_UNREACH, HOST_UNREACH, PROT_UNREACH, PORT_UNREACH, FRAG_NEEDED, SR_FAILED = range(6)
NET_PROHIBITED, HOST_PROHIBITED, ADMIN_PROHIBITED = 9, 10, 13

_HEADER = struct.Struct("!BBHI")


class Icmp(NamedTuple):
    """The first eight bytes; ``rest`` is the id and sequence number, gateway, or MTU word."""

    type: int
    code: int
    checksum: int
    rest: int

    @classmethod
    def parse(cls, data: bytes, offset: int = 0) -> Icmp:
        """Raises struct.error where fewer than eight bytes are left."""
        return cls._make(_HEADER.unpack_from(data, offset))

    @property
    def id(self) -> int:
        """Of an echo request or reply."""
        return self.rest >> 16

    @property
    def seq(self) -> int:
        """Of an echo request or reply."""
        return self.rest & 0xFFFF


def build(kind: int, code: int, rest: int, payload: bytes) -> bytes:
    """A whole ICMP message, its checksum filled in.

    One's complement has two zeros: where all else is zero, Linux writes 0x0000 (seen on 6.18).
    """
    bare = _HEADER.pack(kind, code, 0, rest) + payload
    total = checksum(bare) % 0xFFFF
    return bare[:2] + total.to_bytes(2, "big") + bare[4:]
