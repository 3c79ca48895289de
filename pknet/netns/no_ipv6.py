"""IPv6 packets, which no host here takes in: disable_ipv6 is set (Linux: ip6_rcv_core).

Law: what is for another station dies of that; the rest of there being no IPv6.
"""

from __future__ import annotations

from pknet.link.interface import Interface
from pknet.link.skb import PacketType, Skb
from pknet.trace import Dropped, DropReason

MIN_MTU = 1280  # bytes, of a link for IPv6 (RFC 8200, section 5; Linux: IPV6_MIN_MTU)


def dropped(skb: Skb, dev: Interface) -> Dropped:
    """The end of an IPv6 packet that came in by ``dev``."""
    if skb.type is PacketType.OTHERHOST:
        return Dropped(DropReason.OTHERHOST)
    if dev.mtu < MIN_MTU:
        return Dropped(
            DropReason.NO_IPV6, f"{dev.name} has MTU {dev.mtu}, and IPv6 needs {MIN_MTU}"
        )
    return Dropped(DropReason.IPV6DISABLED)
