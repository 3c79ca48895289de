"""What has come: bytes in order, and islands that came early (RFC 9293, 3.10.7.4; RFC 2018).

Law: every byte is kept once. ``ready`` grows only at its end, whatever order segments come in.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pknet.netns.socket.tcp.memory import Memory

MAX_SACKS = 4  # Linux: TCP_NUM_SACKS

#: First position, and the one after the last.
Block = tuple[int, int]


@dataclass(slots=True)
class _Early:
    """A segment that came before its turn."""

    start: int
    data: bytes
    fin: bool
    memory: Memory

    @property
    def end(self) -> int:
        return self.start + len(self.data) + self.fin


@dataclass(slots=True)
class ReceiveQueue:
    """``next`` is the position expected next."""

    next: int
    ready: bytearray = field(default_factory=bytearray)
    finished: bool = False  # the peer's FIN has its turn: nothing follows
    sacks: list[Block] = field(default_factory=list)  # the island that changed last comes first
    duplicate: Block | None = None  # what came twice, to be told once (RFC 2883)
    _early: list[_Early] = field(default_factory=list)
    _ready_cost: int = 0
    _last: Memory | None = None  # of what came in order last

    @property
    def gap(self) -> bool:
        """True while something is missing before an island."""
        return bool(self._early)

    def take(self) -> bytes:
        """All that is in order; it leaves the buffer (Linux: tcp_recvmsg)."""
        data = bytes(self.ready)
        self.ready.clear()
        self._ready_cost = 0
        self._last = None
        return data

    @property
    def cost(self) -> int:
        """What the kept segments take of the buffer."""
        return self._ready_cost + sum(early.memory.cost for early in self._early)

    def append(self, data: bytes, fin: bool, memory: Memory) -> None:
        """A segment whose turn it is."""
        self._ready(data, fin, memory)

    def join(self) -> bool:
        """Take in the islands whose turn has come; True: that filled a gap (tcp_ofo_queue)."""
        had_gap = self.gap
        while self._early and self._early[0].start <= self.next:
            early = self._early.pop(0)
            if early.end > self.next:
                self._ready(early.data[self.next - early.start :], early.fin, early.memory)
        self.sacks = [block for block in self.sacks if block[0] > self.next]
        return had_gap and not self.gap

    def _ready(self, data: bytes, fin: bool, memory: Memory) -> None:
        self.ready += data
        self.next += len(data) + fin
        self.finished |= fin
        if data and not (self._last is not None and self._last.absorbs(len(data))):
            self._ready_cost += memory.cost
            self._last = memory

    def fills(self, end: int) -> bool:
        """True where a segment that ends there would reach the first island exactly."""
        return self.gap and self._early[0].start == end

    def keep(self, start: int, data: bytes, fin: bool, memory: Memory) -> bool:
        """A segment before its turn (Linux: tcp_data_queue_ofo); False where it brings nothing."""
        end = start + len(data) + fin
        if self._cover(start, end):
            self.duplicate = (start, end)
            self._announce(start, end)
            return False
        for left, right in self.sacks:
            if left < end and start < right:
                self.duplicate = (max(start, left), min(end, right))
        self._early = [e for e in self._early if not (start <= e.start and e.end <= end)]
        self._early.append(_Early(start, data, fin, memory))
        self._early.sort(key=lambda early: early.start)
        self._announce(start, end)
        return True

    def _cover(self, start: int, end: int) -> bool:
        return any(left <= start and end <= right for left, right in self.sacks)

    def _announce(self, start: int, end: int) -> None:
        """Put the island that holds these in front (Linux: tcp_sack_new_ofo_skb)."""
        apart = []
        for left, right in self.sacks:
            if left <= end and start <= right:
                start, end = min(start, left), max(end, right)
            else:
                apart.append((left, right))
        self.sacks = [(start, end), *apart][:MAX_SACKS]

    def blocks(self) -> tuple[Block, ...]:
        """For the SACK option: what came twice first, then the islands; tells the former once."""
        told = [self.duplicate] if self.duplicate else []
        self.duplicate = None
        return (*told, *self.sacks)[:MAX_SACKS]
