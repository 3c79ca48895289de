"""Numbers, ports, addresses and marks as iptables reads and prints them."""

from __future__ import annotations

from ipaddress import IPv6Interface, ip_address

from pknet.wire.address import ip_int, ip_text

#: Services that iptables' users write by name; it prints numbers.
SERVICES = {
    "ssh": 22, "smtp": 25, "domain": 53, "bootps": 67, "bootpc": 68, "http": 80, "ntp": 123,
    "https": 443, "ftp": 21, "telnet": 23,
}  # fmt: skip

PROTOCOLS = {
    "icmp": 1, "igmp": 2, "ipencap": 4, "tcp": 6, "udp": 17, "ipv6": 41, "gre": 47, "esp": 50,
    "ah": 51, "icmpv6": 58, "ipv6-icmp": 58, "ospf": 89, "ipip": 94, "pim": 103, "sctp": 132,
    "udplite": 136,
}  # fmt: skip
_PROTOCOL_NAMES = {number: name for name, number in reversed(PROTOCOLS.items()) if name != "icmpv6"}


def number(text: str, low: int, high: int, what: str) -> int:
    """Decimal, 0x… or 0…. Raises ValueError."""
    try:
        value = int(text, 16) if text.lower().startswith("0x") else int(text, 10)
    except ValueError:
        raise ValueError(f"{text!r} is no {what}") from None
    if not low <= value <= high:
        raise ValueError(f"{what} {text} is out of range ({low} to {high})")
    return value


def port(text: str) -> int:
    """A number or a service's name. Raises ValueError."""
    if text in SERVICES:
        return SERVICES[text]
    try:
        return number(text, 0, 65535, "port")
    except ValueError:
        raise ValueError(f"invalid port/service {text!r} specified") from None


def port_range(text: str) -> tuple[int, int]:
    """``80``, ``1024:2048``, ``:80`` or ``1024:``. Raises ValueError."""
    low, colon, high = text.partition(":")
    if not colon:
        return port(low), port(low)
    first, last = port(low) if low else 0, port(high) if high else 65535
    if first > last:
        raise ValueError(f"invalid portrange {text!r} (min > max)")
    return first, last


def port_range_text(low: int, high: int) -> str:
    """``80`` or ``1024:2048``."""
    return str(low) if low == high else f"{low}:{high}"


def protocol(text: str) -> int:
    """A name or a number; ``all`` is 0. Raises ValueError."""
    if text == "all":
        return 0
    if text.lower() in PROTOCOLS:
        return PROTOCOLS[text.lower()]
    try:
        return number(text, 0, 255, "protocol")
    except ValueError:
        raise ValueError(f"unknown protocol {text!r} specified") from None


def protocol_text(value: int) -> str:
    """The name, where there is one."""
    return _PROTOCOL_NAMES.get(value, str(value))


def mask_of(text: str) -> int:
    """``24`` or ``255.255.255.0``. Raises ValueError."""
    if "." in text:
        return ip_int(text)
    length = number(text, 0, 32, "mask")
    return (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF


def network(text: str) -> tuple[int, int]:
    """Address (masked) and mask of ``10.0.0.0/8``. Raises ValueError."""
    address, slash, mask_text = text.partition("/")
    try:
        mask = mask_of(mask_text) if slash else 0xFFFFFFFF
        return ip_int(address) & mask, mask
    except ValueError:
        raise ValueError(f"host/network {text!r} not found: an IPv4 address is needed") from None


def network_text(address: int, mask: int) -> str:
    """``10.0.0.0/8``; a mask with holes is written out."""
    inverse = mask ^ 0xFFFFFFFF
    if inverse & (inverse + 1):
        return f"{ip_text(address)}/{ip_text(mask)}"
    return f"{ip_text(address)}/{32 - inverse.bit_length()}"


def network6(text: str) -> IPv6Interface:
    """An IPv6 network, for text that is parsed and printed. Raises ValueError."""
    try:
        return IPv6Interface(text if "/" in text else f"{text}/128")
    except ValueError:
        raise ValueError(f"host/network {text!r} not found: an IPv6 address is needed") from None


def network6_text(value: IPv6Interface) -> str:
    """``fd00::/8``."""
    return str(value.network)


def mark_and_mask(text: str) -> tuple[int, int]:
    """``0x4000/0x4000``; the mask is all ones where it is left out. Raises ValueError."""
    value, slash, mask = text.partition("/")
    return (
        number(value, 0, 0xFFFFFFFF, "mark"),
        number(mask, 0, 0xFFFFFFFF, "mask") if slash else 0xFFFFFFFF,
    )


def address_text(value: int, family: int) -> str:
    """An address of either family."""
    return ip_text(value) if family == 4 else str(ip_address(value.to_bytes(16, "big")))
