"""What has come and was not read yet (RFC 9293, section 3.10.7.4).

Law: every byte is kept once. ``ready`` grows only at its end, whatever order segments come in.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pknet.netns.socket.tcp.early_queue import EarlyQueue
from pknet.netns.socket.tcp.memory import Memory


@dataclass(slots=True)
class ReceiveQueue:
    """``next`` is the position expected next."""

    next: int
    ready: bytearray = field(default_factory=bytearray)
    early: EarlyQueue = field(default_factory=EarlyQueue)
    finished: bool = False  # the peer's FIN has its turn: nothing follows
    pieces: list[int] = field(default_factory=list)  # bytes of ``ready`` that lie together
    backlog: int = 0  # memory of what a system call has kept waiting (Linux: sk_backlog.len)
    _ready_cost: int = 0
    _last: Memory | None = None  # of what came in order last

    @property
    def cost(self) -> int:
        """What segments take of the buffer (Linux: sk_rmem_alloc, sk_backlog.len)."""
        return self._ready_cost + self.early.cost + self.backlog

    def take(self) -> bytes:
        """All that is in order; it leaves the buffer (Linux: tcp_recvmsg)."""
        data = bytes(self.ready)
        self.ready.clear()
        self.pieces.clear()
        self._ready_cost = 0
        self._last = None
        return data

    def append(self, data: bytes, fin: bool, memory: Memory) -> None:
        """A segment whose turn it is (Linux: tcp_queue_rcv)."""
        self.ready += data
        self.next += len(data) + fin
        self.finished |= fin
        if not data:
            return
        if self._last is not None and self._last.absorbs(len(data)):
            self.pieces[-1] += len(data)
        else:
            self.pieces.append(len(data))
            self._ready_cost += memory.cost
            self._last = memory

    def join(self) -> bool:
        """Take in the islands whose turn has come; True: that filled the last gap."""
        had_gap = bool(self.early)
        while not self.finished and (early := self.early.pop(self.next)) is not None:
            if early.end > self.next:
                self.append(early.data[self.next - early.start :], early.fin, early.memory)
        return had_gap and not self.early
