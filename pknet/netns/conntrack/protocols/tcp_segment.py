"""A TCP segment, read for tracking (Linux: tcp_options, tcp_sack, segment_seq_plus_len)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property

from pknet.netns.conntrack.protocols.tcp_states import Kind, kind_of
from pknet.wire import tcp
from pknet.wire.tcp import ACK, FIN, SYN, URG
from pknet.wire.tcp_options import MAX_SCALE, SACK, SACK_PERMITTED, SCALE, walk

MASK = 0xFFFFFFFF

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
        for kind, value in walk(self.options):
            if kind == SCALE and len(value) == 1:
                return min(value[0], MAX_SCALE)
        return None

    @property
    def permits_sack(self) -> bool:
        """Whether the sender understands selective acknowledgements."""
        return any(kind == SACK_PERMITTED and not value for kind, value in walk(self.options))

    @property
    def highest_ack(self) -> int:
        """The highest sequence number it acknowledges, selectively or not (Linux: tcp_sack)."""
        highest = self.ack
        for kind, value in walk(self.options):
            if kind == SACK and value and len(value) % 8 == 0:
                for _, edge in struct.iter_unpack("!II", value):
                    highest = edge if after(edge, highest) else highest
                return highest
        return highest
