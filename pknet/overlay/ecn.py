"""Congestion marks of a packet that travels inside another (RFC 6040; Linux: net/inet_ecn.h).

Law: a mark that the way set on the outer packet is not lost, and none is made up.
"""

from __future__ import annotations

from pknet.wire.checksum import updated
from pknet.wire.ethernet import ETH_P_IP

MASK = 3
NOT_ECT, ECT_1, ECT_0, CE = 0, 1, 2, 3  # RFC 3168, section 5


def outer_tos(tos: int, inner: int) -> int:
    """The outer packet's TOS: ``tos``, with the inner's ECN bits; CE becomes ECT(0).

    Linux: INET_ECN_encapsulate.
    """
    mark = inner & MASK
    return tos & ~MASK | (ECT_0 if mark == CE else mark)


def inner_packet(outer: int, protocol: int, packet: bytes) -> bytes | None:
    """``packet`` as it goes on, come in an outer one of TOS ``outer``; None: it must be dropped.

    Linux: IP_ECN_decapsulate. ``protocol`` is the EtherType; all but IPv4 counts as not ECT.
    """
    inner = packet[1] & MASK if protocol == ETH_P_IP else NOT_ECT
    if inner == NOT_ECT:
        return None if outer & MASK == CE else packet
    if outer & MASK == CE and inner != CE:
        return _marked(packet, CE)
    if outer & MASK == ECT_1 and inner == ECT_0:
        return _marked(packet, ECT_1)
    return packet


def _marked(packet: bytes, mark: int) -> bytes:
    """The TOS byte is the low half of the header's first word."""
    old = int.from_bytes(packet[:2], "big")
    new = old & ~MASK | mark
    total = updated(int.from_bytes(packet[10:12], "big"), old, new)
    return new.to_bytes(2, "big") + packet[2:10] + total.to_bytes(2, "big") + packet[12:]
