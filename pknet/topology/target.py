"""``172.30.0.1:80``: an address and a port."""

from __future__ import annotations

from ipaddress import IPv4Address

from pknet.topology.address import ipv4_address
from pknet.topology.fault import shown


def target(text: str) -> tuple[IPv4Address, int]:
    """Both. Raises ValueError."""
    address, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdecimal() or len(port) > 5:
        raise ValueError(f"{shown(text)} is no target such as 10.1.2.1:8080")
    if not 1 <= int(port) <= 65535:
        raise ValueError(f"the port {port} is out of range; allowed: 1 to 65535")
    return ipv4_address(address), int(port)
