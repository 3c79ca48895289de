"""Addresses between text and what the floors above use: bytes for a MAC, an integer for an IP."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address

BROADCAST_MAC = b"\xff" * 6
ZERO_MAC = bytes(6)


@lru_cache(maxsize=65536)
def ip_text(address: int) -> str:
    """``0x0a010101`` as ``10.1.1.1``."""
    return f"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}"


def ip_int(text: str) -> int:
    """``10.1.1.1`` as an integer. Raises ValueError (ipaddress.AddressValueError)."""
    return int(IPv4Address(text))


def mac_text(mac: bytes) -> str:
    """Six bytes as ``02:00:00:00:01:01``."""
    return mac.hex(":")


def mac_bytes(text: str) -> bytes:
    """``02:00:00:00:01:01`` as six bytes. Raises ValueError."""
    parts = text.split(":")
    if len(parts) != 6 or any(len(part) not in (1, 2) for part in parts):
        raise ValueError(f"{text!r} is no MAC address: six hex bytes, as in 02:00:00:00:01:01")
    return bytes(int(part, 16) for part in parts)


def is_multicast_mac(mac: bytes) -> bool:
    """True for group addresses, the broadcast address among them (IEEE 802)."""
    return bool(mac[0] & 1)
