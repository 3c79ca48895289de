"""The chunks of an SCTP packet (Linux: for_each_sctp_chunk, do_basic_checks).

Law: a packet is read as far as its lengths make sense.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from pknet.netns.conntrack.protocols.sctp_states import ChunkType
from pknet.wire.crc32c import crc32c

HEADER = 12  # bytes

_ALONE = frozenset({ChunkType.INIT, ChunkType.INIT_ACK, ChunkType.SHUTDOWN_COMPLETE})
_FIRST = frozenset({ChunkType.COOKIE_ACK, ChunkType.COOKIE_ECHO})


class Chunk(NamedTuple):
    """One chunk; ``size`` is what its header says, ``value`` all that follows the header."""

    type: int
    flags: int
    size: int
    value: bytes

    @property
    def init_tag(self) -> int | None:
        """The tag that an INIT or INIT-ACK asks for; None: it is cut short."""
        return int.from_bytes(self.value[:4], "big") if len(self.value) >= 16 else None


def chunks_of(payload: bytes) -> Iterator[Chunk]:
    """Every chunk; one of length 0 is the last."""
    at = HEADER
    while at + 4 <= len(payload):
        kind, flags, size = struct.unpack_from("!BBH", payload, at)
        yield Chunk(kind, flags, size, payload[at + 4 :])
        if size == 0:
            return
        at += (size + 3) & ~3


def sane(chunks: list[Chunk]) -> bool:
    """Whether they can stand together (Linux: do_basic_checks)."""
    alone = False
    for count, chunk in enumerate(chunks):
        alone = alone or chunk.type in _ALONE
        if (count and (alone or chunk.type in _FIRST)) or not chunk.size:
            return False
    return bool(chunks)


def crc_is_wrong(payload: bytes) -> bool:
    """Whether the checksum does not fit."""
    bare = payload[:8] + bytes(4) + payload[12:]
    return crc32c(bare) != int.from_bytes(payload[8:12], "little")
