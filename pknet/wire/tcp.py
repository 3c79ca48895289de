"""TCP (RFC 9293)."""

from __future__ import annotations

import struct
from typing import NamedTuple

from pknet.wire import ipv4
from pknet.wire.checksum import checksum, pseudo_header

MIN_HEADER = 20
FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << bit for bit in range(8))

_HEADER = struct.Struct("!HHIIBBHHH")
_LETTERS = ((SYN, "SYN"), (FIN, "FIN"), (RST, "RST"), (PSH, "PSH"), (ACK, "ACK"), (URG, "URG"),
            (ECE, "ECE"), (CWR, "CWR"))  # fmt: skip


class Tcp(NamedTuple):
    """The fixed 20 bytes; ``data_offset`` is the header's length in bytes."""

    sport: int
    dport: int
    seq: int
    ack: int
    data_offset: int
    flags: int
    window: int
    checksum: int
    urgent: int

    @classmethod
    def parse(cls, data: bytes, offset: int = 0) -> Tcp:
        """Raises struct.error where fewer than 20 bytes are left."""
        sport, dport, seq, ack, size, flags, window, total, urgent = _HEADER.unpack_from(
            data, offset
        )
        return cls(sport, dport, seq, ack, (size >> 4) * 4, flags, window, total, urgent)


def flag_names(flags: int) -> str:
    """``0x12`` as ``SYN-ACK``; no flag at all as ``none``."""
    return "-".join(name for bit, name in _LETTERS if flags & bit) or "none"


def build(
    src: int,
    dst: int,
    sport: int,
    dport: int,
    seq: int,
    ack: int,
    flags: int,
    window: int,
    options: bytes = b"",
    payload: bytes = b"",
) -> bytes:
    """A whole segment; ``options`` are a multiple of four bytes long."""
    size = (MIN_HEADER + len(options)) // 4 << 4
    bare = _HEADER.pack(sport, dport, seq, ack, size, flags, window, 0, 0) + options + payload
    total = checksum(pseudo_header(src, dst, ipv4.TCP, len(bare)) + bare)
    return bare[:16] + total.to_bytes(2, "big") + bare[18:]
