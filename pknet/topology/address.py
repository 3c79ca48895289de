"""Addresses and prefixes as text, in words that say what is wrong.

Law: exactly one meaning: no octal bytes, no host masks, no IPv6.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from pknet.topology.fault import shown
from pknet.wire.address import is_multicast_mac, mac_bytes

_IPV6 = "; IPv6 is not modelled"


def ipv4_address(text: str) -> IPv4Address:
    """``10.1.1.1``. Raises ValueError."""
    try:
        return IPv4Address(text)
    except ValueError:
        hint = _IPV6 if text.count(":") > 1 else ""
        raise ValueError(f"{shown(text)} is no IPv4 address such as 10.1.1.1{hint}") from None


def ipv4_interface(text: str) -> IPv4Interface:
    """``10.1.1.1/24``, an address that a device may have. Raises ValueError."""
    address, slash, prefix = text.partition("/")
    if not slash:
        raise ValueError(f"{shown(text)} has no prefix length: write {address}/24, or so")
    found = IPv4Interface((ipv4_address(address), prefix_length(prefix)))
    if found.ip.is_multicast or found.ip.packed[0] == 0 or found.ip == _LIMITED_BROADCAST:
        raise ValueError(f"{shown(text)} is no host's address (RFC 1122, section 3.2.1.3)")
    return found


_LIMITED_BROADCAST = IPv4Address(0xFFFFFFFF)


def ipv4_prefix(text: str) -> IPv4Network:
    """``10.1.2.0/24``, ``default``, or an address alone, which is a /32. Raises ValueError."""
    if text == "default":
        text = "0.0.0.0/0"
    address, slash, prefix = text.partition("/")
    try:
        whole = (ipv4_address(address), prefix_length(prefix) if slash else 32)
    except ValueError:
        hint = _IPV6 if text.count(":") > 1 else ""
        wanted = f"prefix such as 10.1.2.0/24, nor 'default'{hint}"
        raise ValueError(f"{shown(text)} is no {wanted}") from None
    network = IPv4Network(whole, strict=False)
    if network.network_address != whole[0]:
        raise ValueError(f"Invalid prefix {text!r}: host bits are set; {network}?")
    return network


def prefix_length(text: str) -> int:
    """``24``, or as a mask ``255.255.255.0``. Raises ValueError."""
    if text.isascii() and text.isdecimal() and int(text[:3]) <= 32 and len(text) <= 2:
        return int(text)
    if text.count(".") == 3:
        inverted = ~int(ipv4_address(text)) & 0xFFFFFFFF
        if inverted & (inverted + 1) == 0:
            return 32 - inverted.bit_length()
    raise ValueError(f"{shown(text)} is no prefix length; allowed: 0 to 32")


def mac(text: str) -> bytes:
    """``02:00:00:00:01:01``. Raises ValueError."""
    try:
        return mac_bytes(text)
    except ValueError:
        wanted = "MAC address: six bytes in hex, as in 02:00:00:00:01:01"
        raise ValueError(f"{shown(text)} is no {wanted}") from None


def device_mac(text: str) -> bytes:
    """One that a device may have (Linux: is_valid_ether_addr). Raises ValueError."""
    address = mac(text)
    if is_multicast_mac(address) or not any(address):
        raise ValueError(f"{text} cannot be a device's: not a group address, and not zero")
    return address
