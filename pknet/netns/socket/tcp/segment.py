"""A TCP segment, as it is spoken between two control blocks.

Law: sequence numbers and window are those of the wire; what they mean is the block's to say.
"""

from __future__ import annotations

from dataclasses import dataclass

from pknet.netns.socket.tcp.options import NO_OPTIONS, Options
from pknet.netns.socket.tcp.seq import MASK
from pknet.wire import tcp
from pknet.wire.tcp import ACK, FIN, SYN, Tcp


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment; ports and addresses belong to the socket.

    ``cut``: it is one of several that left as one packet (see memory).
    """

    seq: int
    ack: int
    flags: int
    window: int
    options: Options = NO_OPTIONS
    payload: bytes = b""
    cut: bool = False

    @classmethod
    def parse(cls, data: bytes, cut: bool = False) -> Segment:
        """The segment in ``data``. Raises ValueError where the header does not fit."""
        header = Tcp.parse(data) if len(data) >= tcp.MIN_HEADER else None
        if header is None or not tcp.MIN_HEADER <= header.data_offset <= len(data):
            raise ValueError("no whole TCP header")
        options = Options.parse(data[tcp.MIN_HEADER : header.data_offset])
        payload = data[header.data_offset :]
        return cls(header.seq, header.ack, header.flags, header.window, options, payload, cut)

    def emit(self, src: int, dst: int, sport: int, dport: int) -> bytes:
        """The bytes, with their checksum."""
        return tcp.build(src, dst, sport, dport, self.seq, self.ack, self.flags, self.window,
                         self.options.emit(), self.payload)  # fmt: skip

    @property
    def length(self) -> int:
        """Sequence numbers it takes: payload, SYN and FIN."""
        return len(self.payload) + bool(self.flags & SYN) + bool(self.flags & FIN)

    def repeats(self, earlier: Segment) -> bool:
        """Both are bare acknowledgements, of which this one says more."""
        return (
            self.flags == earlier.flags == ACK
            and not self.payload
            and not earlier.payload
            and (self.seq, self.options) == (earlier.seq, earlier.options)
            and (self.ack - earlier.ack) & MASK <= MASK >> 1
        )

    def has(self, flags: int) -> bool:
        """True where any of ``flags`` is set."""
        return bool(self.flags & flags)


#: What leaves in one go: the segments of one GSO packet (Linux: an sk_buff with gso_segs > 1).
Burst = tuple[Segment, ...]
