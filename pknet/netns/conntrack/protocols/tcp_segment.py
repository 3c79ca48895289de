"""A TCP segment, read for tracking (Linux: tcp_options, tcp_sack, segment_seq_plus_len)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pknet.netns.conntrack.protocols.tcp_states import Kind, kind_of
from pknet.wire import tcp
from pknet.wire.tcp import ACK, FIN, SYN, URG

MASK = 0xFFFFFFFF
MAX_SCALE = 14  # RFC 7323, section 2.3

_EOL, _NOP, _SCALE, _SACK_PERMITTED, _SACK = 0, 1, 3, 4, 5

#: Flags that make sense together; PSH, ECE and CWR always do (Linux: tcp_valid_flags).
_VALID_FLAGS = frozenset(
    {SYN, SYN | URG, SYN | ACK, tcp.RST, tcp.RST | ACK, FIN | ACK, FIN | ACK | URG, ACK, ACK | URG}
)
_ANY_TIME = tcp.PSH | tcp.ECE | tcp.CWR


def after(a: int, b: int) -> bool:
    """Whether sequence number ``a`` comes after ``b``, round the circle (RFC 1982)."""
    return (b - a) & MASK > 0x7FFFFFFF


@dataclass(frozen=True)
class Segment:
    """One segment; ``end`` is the sequence number after its last byte, SYN and FIN counted."""

    seq: int
    end: int
    ack: int
    flags: int
    window: int  # as sent, not scaled
    options: bytes

    @classmethod
    def parse(cls, payload: bytes) -> Segment | str:
        """The segment, or what is wrong with it (Linux: tcp_error, all but the checksum)."""
        if len(payload) < tcp.MIN_HEADER:
            return "TCP header cut short"
        header = tcp.Tcp.parse(payload)
        size = header.data_offset
        if not tcp.MIN_HEADER <= size <= len(payload):
            return "TCP header cut short"
        if header.flags & ~_ANY_TIME not in _VALID_FLAGS:
            return f"TCP flags {tcp.flag_names(header.flags)} make no sense together"
        flags = header.flags
        end = header.seq + len(payload) - size + bool(flags & SYN) + bool(flags & FIN)
        options = payload[tcp.MIN_HEADER : size]
        return cls(header.seq, end & MASK, header.ack, flags, header.window, options)

    @cached_property
    def kind(self) -> Kind:
        """The row of the state table."""
        return kind_of(self.flags)

    @property
    def scale(self) -> int | None:
        """Of the window; None: not offered."""
        for kind, value in self._options():
            if kind == _SCALE and len(value) == 1:
                return min(value[0], MAX_SCALE)
        return None

    @property
    def permits_sack(self) -> bool:
        """Whether the sender understands selective acknowledgements."""
        return any(kind == _SACK_PERMITTED and not value for kind, value in self._options())

    @property
    def highest_ack(self) -> int:
        """The highest sequence number it acknowledges, selectively or not (Linux: tcp_sack)."""
        highest = self.ack
        for kind, value in self._options():
            if kind == _SACK and value and len(value) % 8 == 0:
                for _, edge in struct.iter_unpack("!II", value):
                    highest = edge if after(edge, highest) else highest
                return highest
        return highest

    def _options(self) -> Iterator[tuple[int, bytes]]:
        """Kind and value of each option, up to the first that makes no sense."""
        data, at = self.options, 0
        while at < len(data) and data[at] != _EOL:
            if data[at] == _NOP:
                at += 1
                continue
            size = data[at + 1] if at + 1 < len(data) else 0
            if size < 2 or at + size > len(data):
                return
            yield data[at], data[at + 2 : at + size]
            at += size
