"""Echo requests of our own making, and what says something about them."""

from __future__ import annotations

import struct
from typing import NamedTuple

from pknet.link.skb import Skb
from pknet.netns.icmp_quote import quoted
from pknet.wire import icmp, ipv4
from pknet.wire.icmp import Icmp


class Heard(NamedTuple):
    """``id`` and ``seq`` of the request; ``error``: ICMP type and code, None for a reply."""

    id: int
    seq: int
    error: tuple[int, int] | None


def request(
    dst: int, id: int, seq: int, *, ttl: int, size: int, df: bool, ipid: int | None
) -> bytes:
    """An IPv4 packet; its payload counts 0, 1, 2, …, from 255 on again."""
    payload = bytes(i & 255 for i in range(size))
    message = icmp.build(icmp.ECHO_REQUEST, 0, id << 16 | seq, payload)
    return ipv4.build(ipv4.ICMP, 0, dst, message, ident=ipid or 0, ttl=ttl,
                      fragment=ipv4.DF if df else 0)  # fmt: skip


def heard(skb: Skb) -> Heard | None:
    """What an ICMP message says of some request; None where it speaks of none."""
    message = Icmp.parse(skb.payload)
    if message.type == icmp.ECHO_REPLY:
        return Heard(message.rest >> 16, message.rest & 0xFFFF, None)
    if message.type in icmp.LOSSES:
        return _quoted(skb.payload, (message.type, message.code))
    return None


def _quoted(payload: bytes, error: tuple[int, int]) -> Heard | None:
    """An error speaks of the packet that it quotes."""
    quote = quoted(payload)
    if quote is None:
        return None
    header, inner = quote
    try:
        mine = Icmp.parse(inner, header.header_length)
    except struct.error:
        return None
    if (header.protocol, mine.type) != (ipv4.ICMP, icmp.ECHO_REQUEST):
        return None
    return Heard(mine.rest >> 16, mine.rest & 0xFFFF, error)
