"""Echo requests of our own making, and what says something about them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import NamedTuple

from pknet.link.skb import Skb
from pknet.netns.icmp_quote import quoted
from pknet.netns.own_packets import OwnPackets
from pknet.netns.route import NoPath
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


def send(own: OwnPackets, packet: bytes, refused: Callable[[str], object]) -> int | NoPath:
    """Send a request; returns its packet id. Raises ValueError, which begins with an errno.

    One that is too large for its device goes in pieces, as ``ping -M dont`` sends it, where it
    may be cut and its id is the kernel's.
    """
    try:
        return own.raw(packet, refused)
    except ValueError as error:
        header = ipv4.Ipv4.parse(packet)
        if header.df or header.id or not str(error).startswith("EMSGSIZE"):
            raise
    return own.in_pieces(packet, refused)


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
