"""IP protocols by name and number, as Debian's /etc/protocols has them."""

from __future__ import annotations

from pknet.netns.netfilter.faults import near
from pknet.netns.netfilter.numbers import number

ICMP, TCP, UDP, DCCP, ICMPV6, SCTP, UDPLITE = 1, 6, 17, 33, 58, 132, 136

_NAMES = {
    "icmp": 1, "igmp": 2, "ggp": 3, "ipencap": 4, "st": 5, "tcp": 6, "egp": 8, "igp": 9,
    "pup": 12, "udp": 17, "hmp": 20, "xns-idp": 22, "rdp": 27, "iso-tp4": 29, "dccp": 33,
    "xtp": 36, "ddp": 37, "idpr-cmtp": 38, "ipv6": 41, "ipv6-route": 43, "ipv6-frag": 44,
    "idrp": 45, "rsvp": 46, "gre": 47, "esp": 50, "ah": 51, "skip": 57, "ipv6-icmp": 58,
    "ipv6-nonxt": 59, "ipv6-opts": 60, "rspf": 73, "vmtp": 81, "eigrp": 88, "ospf": 89,
    "ax.25": 93, "ipip": 94, "etherip": 97, "encap": 98, "pim": 103, "ipcomp": 108, "vrrp": 112,
    "l2tp": 115, "isis": 124, "sctp": 132, "fc": 133, "mobility-header": 135, "udplite": 136,
    "mpls-in-ip": 137, "hip": 139, "shim6": 140, "wesp": 141, "rohc": 142,
}  # fmt: skip
#: Spellings that are read and never printed.
_ALIASES = {"icmpv6": ICMPV6, "all": 0}
_TEXTS = {value: name for name, value in _NAMES.items()}


def protocol(text: str) -> int:
    """A name or a number; ``all`` is 0. Raises ValueError."""
    name = text.lower()
    if name in _NAMES:
        return _NAMES[name]
    if name in _ALIASES:
        return _ALIASES[name]
    try:
        return number(text, 0, 255, "protocol")
    except ValueError:
        raise ValueError(f"unknown protocol {text!r} specified{near(name, _NAMES)}") from None


def protocol_text(value: int) -> str:
    """The name, where there is one."""
    return _TEXTS.get(value, str(value))
