"""What a segment takes of the receive buffer (Linux: skb->truesize).

Law: Linux charges a socket for memory, not for payload, and so the window that it offers follows
from how its segments lie in memory. This is how they lie after a veth without offloads.

    alone       sent as a packet of its own: made linear in a slab with room to spare
    cut         one of the segments of a larger packet (skb_segment): in a slab just large enough

Both are in slabs of a power of two. What follows in order and fits into the room that the last
slab has left is copied there, and costs nothing (Linux: tcp_try_coalesce).
"""

from __future__ import annotations

from dataclasses import dataclass

_SKB = 256  # struct sk_buff, rounded up to a cache line
_HEAD = 256  # what stands before the payload (Linux: MAX_TCP_HEADER)
_SHARED = 320  # struct skb_shared_info, behind it
_SPARE = 128  # more than is needed, where a head grows (Linux: __pskb_pull_tail)


@dataclass(slots=True)
class Memory:
    """``cost`` is what the socket is charged; ``room`` what the slab has left."""

    cost: int
    room: int
    length: int = 0

    @classmethod
    def of(cls, length: int, alone: bool) -> Memory:
        """A segment with ``length`` bytes, as it comes."""
        slab = _slab(length, alone)
        cost = _HEAD + _SHARED + length if alone else slab
        return cls(_SKB + cost, slab - _HEAD - _SHARED - length, length)

    def condense(self) -> None:
        """Charge for all that the slab has (Linux: skb_condense)."""
        self.cost = _SKB + _HEAD + _SHARED + self.length + self.room

    def prove_alone(self) -> None:
        """It was taken for cut, but nothing followed it."""
        alone = Memory.of(self.length, alone=True)
        self.cost, self.room = alone.cost, alone.room

    def absorbs(self, length: int) -> bool:
        """Take in ``length`` bytes that follow, if there is room."""
        fits = length <= self.room
        if fits:
            self.room -= length
        return fits


def _slab(length: int, alone: bool) -> int:
    needed = _HEAD + length + _SHARED + (_SPARE if alone else 0)
    return 1 << (needed - 1).bit_length()
