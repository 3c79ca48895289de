"""What a segment takes of the receive buffer (Linux: skb->truesize).

Law: Linux charges a socket for memory, not for payload, and so the window that it offers follows
from how its segments lie in memory. This is how they lie after a veth without offloads, which
hands on the memory that the sender made.

    alone       sent as a packet of its own: made linear in a slab with room to spare
    cut         one of the segments of a larger packet (skb_segment): in a slab just large enough

Both are in slabs of a power of two, but for a few bytes alone, which find room behind the headers.
What follows in order and fits into the room that the last slab has left is copied there, and
costs nothing (Linux: tcp_try_coalesce).
"""

from __future__ import annotations

from dataclasses import dataclass

_SKB = 256  # struct sk_buff, rounded up to a cache line
_START = 192  # where the payload begins, behind the headers (Linux: MAX_TCP_HEADER)
_SMALL = 256  # what a head without payload has (Linux: SKB_SMALL_HEAD_HEADROOM)
_SHARED = 320  # struct skb_shared_info, behind it
_SPARE = 128  # more than is needed, where a head grows (Linux: __pskb_pull_tail)


@dataclass(slots=True)
class Memory:
    """``cost`` is what the socket is charged; ``room`` what the slab has left."""

    cost: int
    room: int
    slab: int
    length: int

    @classmethod
    def of(cls, length: int, cut: bool) -> Memory:
        """A segment with ``length`` bytes, as it comes."""
        if not cut and _START + length <= _SMALL:
            slab = _SMALL + _SHARED
        else:
            needed = _START + length + (0 if cut else _SPARE) + _SHARED
            slab = 1 << (needed - 1).bit_length()
        cost = slab if cut else _SMALL + _SHARED + length
        return cls(_SKB + cost, slab - _START - _SHARED - length, slab, length)

    def condense(self) -> None:
        """Charge for all that the slab has (Linux: skb_condense)."""
        self.cost = _SKB + self.slab

    def absorbs(self, length: int) -> bool:
        """Take in ``length`` bytes that follow, if there is room."""
        fits = length <= self.room
        if fits:
            self.room -= length
        return fits
