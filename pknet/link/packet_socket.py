"""What may leave an interface as a frame of somebody's own making.

Law: what Linux's packet socket refuses is refused, in words (Linux: packet_snd).
"""

from __future__ import annotations

from pknet.wire.ethernet import HEADER_LENGTH

_VLAN = b"\x81\x00"  # EtherType of a tag, which may make a frame longer (IEEE 802.1Q)
_VLAN_LENGTH = 4  # bytes


def refused(wire: bytes, place: str, mtu: int) -> str | None:
    """Why ``wire`` cannot leave ``place``, whose MTU is ``mtu``; None: it can."""
    size = len(wire) - HEADER_LENGTH
    most = mtu + (_VLAN_LENGTH if wire[12:14] == _VLAN else 0)
    if size < 0:
        return f"a frame of {len(wire)} bytes; an Ethernet header has {HEADER_LENGTH}"
    if size > most:
        text = f"Message too long: {size} bytes after the Ethernet header"
        return f"{text}; allowed: {most}, the MTU of {place}"
    return None
