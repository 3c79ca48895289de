"""Numbers, ports and marks as iptables reads and prints them."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"0[xX][0-9a-fA-F]+|[0-9]+")

#: Services that iptables' users write by name; it prints numbers.
SERVICES = {
    "ssh": 22, "smtp": 25, "domain": 53, "bootps": 67, "bootpc": 68, "http": 80, "ntp": 123,
    "https": 443, "ftp": 21, "telnet": 23,
}  # fmt: skip


def number(text: str, low: int, high: int, what: str) -> int:
    """Decimal, 0x… or octal 0…, as strtoul reads it. Raises ValueError."""
    if not _DIGITS.fullmatch(text):
        raise ValueError(f"{text!r} is no {what}: a number from {low} to {high} is needed")
    try:
        value = int(text, 16 if text[:2] in ("0x", "0X") else 8 if text[0] == "0" else 10)
    except ValueError:
        raise ValueError(f"{text!r} is no {what}: a leading 0 makes it octal") from None
    if not low <= value <= high:
        raise ValueError(f"{what} {text} is out of range ({low} to {high})")
    return value


def port(text: str) -> int:
    """A number or a service's name. Raises ValueError."""
    return SERVICES[text] if text in SERVICES else number(text, 0, 65535, "port")


def port_range(text: str) -> tuple[int, int]:
    """``80``, ``1024:2048``, ``:80`` or ``1024:``. Raises ValueError."""
    low, colon, high = text.partition(":")
    if not colon:
        return port(low), port(low)
    first, last = port(low) if low else 0, port(high) if high else 65535
    if first > last:
        raise ValueError(f"invalid portrange {text!r} (min > max)")
    return first, last


def range_text(low: int, high: int) -> str:
    """``80`` or ``1024:2048``."""
    return str(low) if low == high else f"{low}:{high}"


def mark_and_mask(text: str) -> tuple[int, int]:
    """``0x4000/0x4000``; the mask is all ones where it is left out. Raises ValueError."""
    value, slash, mask = text.partition("/")
    return (
        number(value, 0, 0xFFFFFFFF, "mark"),
        number(mask, 0, 0xFFFFFFFF, "mask") if slash else 0xFFFFFFFF,
    )
