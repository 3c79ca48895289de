"""What was written: chunks under way, and chunks still to be sent (RFC 9293, section 3.8).

Law: every position belongs to one chunk, in order, until it is acknowledged. A chunk is what
Linux keeps as one sk_buff: it may hold several segments, which then leave as one burst.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from pknet.netns.socket.tcp.push import Push
from pknet.netns.socket.tcp.segment import Burst
from pknet.netns.socket.tcp.timers import Timer
from pknet.wire.tcp import FIN, PSH, SYN

_LAST = PSH | FIN  # flags of a chunk's last byte


@dataclass(slots=True, eq=False)
class Chunk:
    """``flags`` beside ACK; a SYN or a FIN takes a position of its own."""

    start: int
    data: bytes
    flags: int = 0
    mss: int = 1  # bytes of payload a segment of it has, since it was sent (Linux: gso_size)
    sent_at: int = 0
    sent_before: int = 0  # when it was sent, before it was sent last
    turn: int = 0  # counts all that was sent: of two at one time, which was first
    retransmitted: bool = False  # ever (TCPCB_EVER_RETRANS)
    again: bool = False  # a retransmission of it is under way (TCPCB_SACKED_RETRANS)
    sacked: bool = False  # TCPCB_SACKED_ACKED
    lost: bool = False  # TCPCB_LOST
    timers: Mapping[Timer, int] = field(default_factory=dict)  # that run if our node refuses it
    push: Push | None = None  # by which it was sent last; None: by none, or as lost
    burst: Burst = ()  # as what it left last

    @property
    def end(self) -> int:
        """The position after it."""
        return self.start + len(self.data) + bool(self.flags & SYN) + bool(self.flags & FIN)

    @property
    def segments(self) -> int:
        """How many it makes (Linux: tcp_skb_pcount)."""
        return -(-len(self.data) // self.mss) or 1

    @property
    def small(self) -> bool:
        """Its last segment is not full."""
        return len(self.data) < self.segments * self.mss

    def split(self, length: int) -> Chunk:
        """Keep ``length`` bytes; the rest, which this returns, has what marks an end."""
        rest = replace(self, start=self.start + length, data=self.data[length:])
        self.data = self.data[:length]
        self.flags &= ~_LAST
        return rest

    def trim(self, until: int) -> None:
        """Forget what stands before the position ``until`` (Linux: tcp_trim_head)."""
        self.data = self.data[until - self.start :]
        self.start = until


class SendQueue:
    """``una``: the oldest position not acknowledged; ``next``: the next to be sent."""

    def __init__(self) -> None:
        self.una = 0
        self.next = 0
        self.written = 0  # where the next write goes
        self.sent: list[Chunk] = []
        self.unsent: deque[Chunk] = deque()

    def put(self, flags: int) -> Chunk:
        """A SYN or a FIN as a chunk of its own."""
        chunk = Chunk(self.written, b"", flags)
        self.unsent.append(chunk)
        self.written = chunk.end
        return chunk

    def fin(self) -> None:
        """No more will be written: on the last chunk, if that waits (Linux: tcp_send_fin)."""
        if self.unsent:
            self.unsent[-1].flags |= FIN
            self.written += 1
        else:
            self.put(FIN)

    def write(self, data: bytes, goal: int) -> Iterator[Chunk]:
        """Append ``data`` in chunks of at most ``goal`` bytes, each told when it is full or last.

        Linux: tcp_sendmsg_locked.
        """
        at = 0
        while at < len(data):
            if not self.unsent or len(self.unsent[-1].data) >= goal:
                self.unsent.append(Chunk(self.written, b""))
            chunk = self.unsent[-1]
            piece = data[at : at + goal - len(chunk.data)]
            chunk.data += piece
            at += len(piece)
            self.written += len(piece)
            yield chunk

    def fill(self, chunk: Chunk, size: int) -> None:
        """Let the first chunk that waits take bytes of the next (Linux: tcp_grow_skb)."""
        missing = size - len(chunk.data)
        if missing <= 0 or len(self.unsent) < 2 or chunk.flags & SYN:
            return
        follower = self.unsent[1]
        chunk.data += follower.data[:missing]
        follower.data, follower.start = follower.data[missing:], chunk.end
        if not follower.data:
            chunk.flags |= follower.flags
            del self.unsent[1]

    def send(self) -> Chunk:
        """The first chunk that waits is under way from now on."""
        chunk = self.unsent.popleft()
        self.sent.append(chunk)
        self.next = chunk.end
        return chunk

    def unsend(self, chunk: Chunk) -> list[Chunk]:
        """It never left, and nothing that came after it: which these are."""
        at = self.sent.index(chunk)
        gone, self.sent = self.sent[at:], self.sent[:at]
        self.unsent.extendleft(reversed(gone))
        self.next = chunk.start
        return gone

    def cut(self, chunk: Chunk, length: int) -> None:
        """Make two of a chunk; each keeps its place (Linux: tcp_fragment, tso_fragment)."""
        rest = chunk.split(length)
        if self.unsent and chunk is self.unsent[0]:
            self.unsent.popleft()
            self.unsent.extendleft((rest, chunk))
        else:
            self.sent.insert(self.sent.index(chunk) + 1, rest)

    def acknowledge(self, position: int) -> list[Chunk]:
        """All before ``position`` has arrived; the chunks that are whole (tcp_clean_rtx_queue)."""
        self.una = position
        done = 0
        while done < len(self.sent) and self.sent[done].end <= position:
            done += 1
        gone, self.sent = self.sent[:done], self.sent[done:]
        return gone

    def clear(self) -> None:
        """Forget it all."""
        self.sent.clear()
        self.unsent.clear()
