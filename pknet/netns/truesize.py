"""What a packet that waits takes of memory, which is what Linux limits.

Law: a packet counts as its sender allocated it: in powers of two, but for the smallest.
"""

from __future__ import annotations

# x86-64: sizeof(struct sk_buff) and of struct skb_shared_info, each a multiple of a cache line;
# what goes before an Ethernet frame, and what sock_alloc_send_skb adds; the smallest head.
_SKB, _SHARED_INFO, _RESERVED, _SMALL_HEAD = 256, 320, 16 + 15, 576


def truesize(length: int) -> int:
    """Bytes that a packet of ``length`` bytes takes (Linux: SKB_TRUESIZE, kmalloc_reserve)."""
    head = length + _RESERVED + _SHARED_INFO
    return _SKB + (_SMALL_HEAD if head <= _SMALL_HEAD else 1 << (head - 1).bit_length())
