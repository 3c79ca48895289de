"""The packet that an ICMP error quotes (RFC 792): written, and read again.

Law: it is quoted as it stands in memory: what is still to be written is unwritten there, too.
"""

from __future__ import annotations

from pknet.link.skb import Skb
from pknet.wire import icmp, ipv4
from pknet.wire.ipv4 import Ipv4
from pknet.wire.rewrite import pseudo_summed


def quote(skb: Skb) -> bytes:
    """The packet as it stands in memory; a checksum that is still to be written is unwritten."""
    data = skb.network[: skb.ip.length]
    return pseudo_summed(data) if skb.unsummed else data


def quoted(data: bytes) -> tuple[Ipv4, bytes] | None:
    """The header of the packet an error quotes, and the quote; None where it is cut too short."""
    inner = data[icmp.HEADER_LENGTH :]
    if len(inner) < ipv4.MIN_HEADER:
        return None
    header = Ipv4.parse(inner)
    return (header, inner) if len(inner) >= header.header_length >= ipv4.MIN_HEADER else None
