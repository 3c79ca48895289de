"""The IPv4 header (RFC 791)."""

from __future__ import annotations

import struct
from typing import NamedTuple

from pknet.wire.checksum import checksum

MIN_HEADER = 20
ICMP, IPIP, TCP, UDP, SCTP = 1, 4, 6, 17, 132
PROTOCOL_NAMES = {ICMP: "icmp", IPIP: "IPIP", TCP: "tcp", UDP: "udp", SCTP: "sctp"}

DF = 0x4000
MF = 0x2000
OFFSET_MASK = 0x1FFF

_HEADER = struct.Struct("!BBHHHBBHII")


class Ipv4(NamedTuple):
    """The fixed 20 bytes, as they are. ``fragment`` is the flags-and-offset word."""

    version_ihl: int
    tos: int
    length: int
    id: int
    fragment: int
    ttl: int
    protocol: int
    checksum: int
    src: int
    dst: int

    @classmethod
    def parse(cls, data: bytes) -> Ipv4:
        """Read the first 20 bytes, valid or not. Raises struct.error on less."""
        return cls._make(_HEADER.unpack_from(data))

    @property
    def header_length(self) -> int:
        """In bytes; what the header claims."""
        return (self.version_ihl & 15) * 4

    @property
    def df(self) -> bool:
        """Don't fragment."""
        return bool(self.fragment & DF)

    @property
    def is_fragment(self) -> bool:
        """More fragments follow, or this is not the first."""
        return bool(self.fragment & (MF | OFFSET_MASK))

    @property
    def offset(self) -> int:
        """Of this fragment's payload, in bytes."""
        return (self.fragment & OFFSET_MASK) * 8

    def emit(self, options: bytes = b"") -> bytes:
        """The header with its checksum put right; ``options`` are padded by the caller."""
        bare = _HEADER.pack(*self[:7], 0, self.src, self.dst) + options
        total = checksum(bare)
        return bare[:10] + total.to_bytes(2, "big") + bare[12:]


def build(
    protocol: int,
    src: int,
    dst: int,
    payload: bytes,
    *,
    ident: int = 0,
    ttl: int = 64,
    tos: int = 0,
    fragment: int = 0,
    options: bytes = b"",
) -> bytes:
    """A whole packet, lengths and header checksum filled in; ``options`` come in fours."""
    size = MIN_HEADER + len(options)
    header = Ipv4(0x40 | size // 4, tos, size + len(payload), ident, fragment, ttl, protocol, 0,
                  src, dst)  # fmt: skip
    return header.emit(options) + payload
