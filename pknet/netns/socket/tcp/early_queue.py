"""What came before its turn: islands beyond a gap (RFC 9293, 3.10.7.4; RFC 2018).

Law: an island is told of as long as the gap before it is open, the one that changed last first;
what came twice is told of once, before all others (RFC 2883).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from pknet.netns.socket.tcp.memory import Memory

MAX_SACKS = 4  # Linux: TCP_NUM_SACKS
_EXPECTED = 2  # islands beyond which no news may wait (Linux: TCP_SACK_BLOCKS_EXPECTED)

#: First position, and the one after the last.
Block = tuple[int, int]


@dataclass(slots=True)
class Early:
    """A segment that came before its turn."""

    start: int
    data: bytes
    fin: bool
    memory: Memory

    @property
    def end(self) -> int:
        """The position after it."""
        return self.start + len(self.data) + self.fin


class Keeping(Enum):
    """What became of an early segment."""

    KEPT = auto()
    COPIED = auto()  # into the memory of the one before it
    USELESS = auto()  # it brought nothing


class EarlyQueue:
    """``islands``: the blocks to be told of; ``duplicate``: what came twice, to be told once."""

    def __init__(self) -> None:
        self.islands: list[Block] = []
        self.duplicate: Block | None = None
        self._kept: list[Early] = []

    def __bool__(self) -> bool:
        return bool(self._kept)

    @property
    def cost(self) -> int:
        """What they take of the buffer."""
        return sum(early.memory.cost for early in self._kept)

    @property
    def end(self) -> int:
        """The position after the last of them."""
        return self._kept[-1].end

    # --- what comes

    def keep(self, new: Early) -> Keeping:
        """Linux: tcp_data_queue_ofo."""
        keeping = self._place(new) if self._kept else self._put(new)
        self._announce(new.start, new.end)
        return keeping

    def crowds(self, new: Early) -> bool:
        """It would make one island too many for its news to wait (tcp_sack_new_ofo_skb)."""
        near = [at for at, block in enumerate(self.islands) if _touch(block, new.start, new.end)]
        return (near[0] if near else len(self.islands)) >= _EXPECTED

    def _place(self, new: Early) -> Keeping:
        before = [early for early in self._kept if early.start <= new.start]
        for early in reversed(before):
            if early.end == new.start and early.memory.absorbs(len(new.data)):
                early.data += new.data
                early.fin |= new.fin
                return Keeping.COPIED
            if new.start < early.end:
                if new.end <= early.end:
                    self.duplicate = (new.start, new.end)
                    return Keeping.USELESS
                self._twice(new.start, early.end)
        return self._put(new)

    def _put(self, new: Early) -> Keeping:
        """In its place; what it covers is let go."""
        for early in self._kept:
            if new.start <= early.start < new.end:
                self._twice(early.start, min(early.end, new.end))
        rest = [e for e in self._kept if not (new.start <= e.start and e.end <= new.end)]
        self._kept = sorted([*rest, new], key=lambda early: early.start)
        return Keeping.KEPT

    def _twice(self, start: int, end: int) -> None:
        """Linux: tcp_dsack_extend."""
        if self.duplicate is None:
            self.duplicate = (start, end)
        elif _touch(self.duplicate, start, end):
            self.duplicate = (min(start, self.duplicate[0]), max(end, self.duplicate[1]))

    def _announce(self, start: int, end: int) -> None:
        """Put the island that holds these in front (Linux: tcp_sack_new_ofo_skb)."""
        apart = []
        for left, right in self.islands:
            if _touch((left, right), start, end):
                start, end = min(start, left), max(end, right)
            else:
                apart.append((left, right))
        self.islands = [(start, end), *apart][:MAX_SACKS]

    # --- what has its turn

    def pop(self, position: int) -> Early | None:
        """The first that begins at ``position`` or before (Linux: tcp_ofo_queue)."""
        if self._kept and self._kept[0].start <= position:
            return self._kept.pop(0)
        return None

    def forget(self, position: int) -> None:
        """Islands that begin before ``position`` are none any more (Linux: tcp_sack_remove)."""
        self.islands = [block for block in self.islands if block[0] > position]

    def clear(self) -> None:
        """Nothing can follow the peer's FIN (Linux: tcp_fin)."""
        self._kept.clear()
        self.islands.clear()

    def blocks(self) -> tuple[Block, ...]:
        """For the SACK option; what came twice is told now, and not again."""
        told = [self.duplicate] if self.duplicate else []
        self.duplicate = None
        return (*told, *self.islands)[:MAX_SACKS]


def _touch(block: Block, start: int, end: int) -> bool:
    """They overlap, or one begins where the other ends (Linux: tcp_sack_extend)."""
    return block[0] <= end and start <= block[1]
