"""Addresses that no packet on a wire may have (RFC 1812, section 5.3.7).

Law: no table is asked; whether a source comes by the right way is Sources' to say.
"""

from __future__ import annotations

from pknet.link.interface import Interface
from pknet.netns.address import LIMITED_BROADCAST, is_loopback, is_multicast, is_zeronet
from pknet.netns.sysctl import Sysctls
from pknet.trace import Dropped, DropReason
from pknet.wire.address import ip_text


def martian(dst: int, src: int, dev: Interface, sysctls: Sysctls) -> Dropped | None:
    """What is impossible of a packet that came in by ``dev``; None: nothing."""
    if is_multicast(src) or src == LIMITED_BROADCAST:
        return Dropped(DropReason.IP_INVALID_SOURCE, f"martian source {ip_text(src)}")
    if dst == LIMITED_BROADCAST or (dst == 0 and src == 0):
        return None
    if is_zeronet(src):
        return Dropped(DropReason.IP_INVALID_SOURCE, f"martian source {ip_text(src)}")
    if is_zeronet(dst):
        return Dropped(DropReason.IP_INVALID_DEST, f"martian destination {ip_text(dst)}")
    if dev.kind == "loopback" or sysctls.device(dev.name, "route_localnet"):
        return None
    if is_loopback(dst):
        return Dropped(DropReason.IP_LOCALNET, f"{ip_text(dst)} from outside")
    if is_loopback(src):
        return Dropped(DropReason.IP_LOCALNET, f"{ip_text(src)} from outside")
    return None
