"""TCP options (RFC 9293, section 3.2; RFC 7323; RFC 2018), as Linux lays them out.

Law: what cannot be read is skipped, as tcp_parse_options does; nothing is ever guessed.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from pknet.wire.tcp_options import MAX_SCALE, MSS, NOP, SACK, SACK_PERMITTED, SCALE, walk

_NOPS = bytes([NOP, NOP])


@dataclass(frozen=True, slots=True)
class Options:
    """``sacks``: blocks of sequence numbers (left edge, right edge), as on the wire."""

    mss: int | None = None
    scale: int | None = None
    sack_permitted: bool = False
    sacks: tuple[tuple[int, int], ...] = ()

    @classmethod
    def parse(cls, data: bytes) -> Options:
        """Linux: tcp_parse_options."""
        mss = scale = None
        permitted, sacks = False, []
        for kind, body in walk(data):
            if kind == MSS and len(body) == 2:
                mss = int.from_bytes(body, "big") or None
            elif kind == SCALE and len(body) == 1:
                scale = min(body[0], MAX_SCALE)
            elif kind == SACK_PERMITTED and not body:
                permitted = True
            elif kind == SACK and body and len(body) % 8 == 0:
                sacks = list(struct.iter_unpack("!II", body))
        return cls(mss, scale, permitted, tuple((left, right) for left, right in sacks))

    def emit(self) -> bytes:
        """In Linux's order, padded with NOPs in front (Linux: tcp_options_write)."""
        data = b""
        if self.mss is not None:
            data += struct.pack("!BBH", MSS, 4, self.mss)
        if self.sack_permitted:
            data += _NOPS + bytes([SACK_PERMITTED, 2])
        if self.scale is not None:
            data += bytes([NOP, SCALE, 3, self.scale])
        if self.sacks:
            data += _NOPS + bytes([SACK, 2 + 8 * len(self.sacks)])
            data += b"".join(struct.pack("!II", *block) for block in self.sacks)
        return data


NO_OPTIONS = Options()
