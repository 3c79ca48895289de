"""Addresses and masks of both families as iptables reads and prints them.

Law: an address is an integer, and its family (4 or 6) is a value beside it.
"""

from __future__ import annotations

from ipaddress import IPv6Address

from pknet.netns.netfilter.numbers import number
from pknet.wire.address import ip_int, ip_text

BITS = {4: 32, 6: 128}


def ones(family: int) -> int:
    """The mask of one address."""
    return (1 << BITS[family]) - 1


def address(text: str, family: int) -> int:
    """One address. Raises ValueError."""
    try:
        return ip_int(text) if family == 4 else int(IPv6Address(text))
    except ValueError:
        raise ValueError(f"{text!r} is no IPv{family} address") from None


def address_text(value: int, family: int) -> str:
    """One address, printed (Linux: inet_ntop)."""
    if family == 4:
        return ip_text(value)
    if value >> 32 == 0xFFFF:  # an IPv4 address inside
        return f"::ffff:{ip_text(value & 0xFFFFFFFF)}"
    return str(IPv6Address(value))


def network(text: str, family: int) -> tuple[int, int]:
    """Address, as it stands, and mask of ``10.0.0.0/8``. Raises ValueError."""
    host, slash, mask = text.partition("/")
    if not slash:
        return address(host, family), ones(family)
    if family == 4 and ":" not in host and host.count(".") < 3:  # 10/8 (xtables: pad_cidr)
        host += ".0" * (3 - host.count("."))
    return address(host, family), _mask(mask, family)


def _mask(text: str, family: int) -> int:
    """``24`` or ``255.255.255.0``; ``ffff::``."""
    if ("." if family == 4 else ":") in text:
        return address(text, family)
    bits = BITS[family]
    return ones(family) ^ ((1 << bits - number(text, 0, bits, "mask")) - 1)


def is_prefix(mask: int, family: int) -> bool:
    """True where the mask has no holes."""
    inverse = mask ^ ones(family)
    return not inverse & (inverse + 1)


def network_text(value: int, mask: int, family: int) -> str:
    """``10.0.0.0/8``; a mask with holes is written out."""
    inverse = mask ^ ones(family)
    if not is_prefix(mask, family):
        return f"{address_text(value, family)}/{address_text(mask, family)}"
    return f"{address_text(value, family)}/{BITS[family] - inverse.bit_length()}"
