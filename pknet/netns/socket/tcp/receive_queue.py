"""What has come: bytes in order, and islands that came early (RFC 9293, 3.10.7.4; RFC 2018).

Law: every byte is kept once. ``ready`` grows only at its end, whatever order segments come in.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_SACKS = 4  # Linux: TCP_NUM_SACKS

#: First position, and the one after the last.
Block = tuple[int, int]


@dataclass(slots=True)
class _Early:
    """A segment that came before its turn."""

    start: int
    data: bytes
    fin: bool
    cost: int

    @property
    def end(self) -> int:
        return self.start + len(self.data)


@dataclass(slots=True)
class ReceiveQueue:
    """``next``: the position expected next; ``cost`` what the kept segments take of the buffer."""

    next: int
    ready: bytearray = field(default_factory=bytearray)
    finished: bool = False  # the peer's FIN has its turn: nothing follows
    cost: int = 0
    sacks: list[Block] = field(default_factory=list)  # the island that changed last comes first
    duplicate: Block | None = None  # what came twice, to be told once (RFC 2883)
    _early: list[_Early] = field(default_factory=list)
    _ready_cost: int = 0

    @property
    def gap(self) -> bool:
        """True while something is missing before an island."""
        return bool(self._early)

    def take(self) -> bytes:
        """All that is in order; it leaves the buffer (Linux: tcp_recvmsg)."""
        data = bytes(self.ready)
        self.ready.clear()
        self.cost -= self._ready_cost
        self._ready_cost = 0
        return data

    def append(self, data: bytes, fin: bool, cost: int) -> None:
        """A segment whose turn it is, then the islands that it reaches (Linux: tcp_ofo_queue)."""
        self._ready(data, fin, cost)
        while self._early and self._early[0].start <= self.next:
            island = self._early.pop(0)
            self.cost -= island.cost
            if island.end > self.next or (island.fin and not self.finished):
                self._ready(island.data[self.next - island.start :], island.fin, island.cost)
        self.sacks = [block for block in self.sacks if block[0] > self.next]

    def _ready(self, data: bytes, fin: bool, cost: int) -> None:
        self.ready += data
        self.next += len(data) + fin
        self.finished |= fin
        self.cost += cost
        self._ready_cost += cost

    def keep(self, start: int, data: bytes, fin: bool, cost: int) -> bool:
        """A segment before its turn (Linux: tcp_data_queue_ofo); False where it brings nothing."""
        end = start + len(data)
        covered = self._cover(start, end)
        if covered:
            self.duplicate = (start, end)
            self._announce(start, end)
            return False
        for block in self.sacks:
            if block[0] < end and start < block[1]:
                self.duplicate = (max(start, block[0]), min(end, block[1]))
        self._early = [e for e in self._early if not (start <= e.start and e.end <= end)]
        self._early.append(_Early(start, data, fin, cost))
        self._early.sort(key=lambda early: early.start)
        self.cost = self._ready_cost + sum(early.cost for early in self._early)
        self._announce(start, end + fin)
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
