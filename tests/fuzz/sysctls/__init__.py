"""Kernel settings. A new group of them is a new file with ``add``, and its line here."""

from fuzz.sysctls import arp, bridge, icmp, routing, source_route

GROUPS = (arp.add, bridge.add, icmp.add, routing.add, source_route.add)

__all__ = ["GROUPS"]
