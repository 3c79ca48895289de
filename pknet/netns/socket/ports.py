"""Ephemeral ports (RFC 6056; Linux: inet_hash_connect, udp_lib_get_port)."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from pknet.netns.sysctl import Sysctls


def ephemeral(sysctls: Sysctls, chance: Random, taken: Callable[[int], bool]) -> int | None:
    """A port of the local range that is not taken, tried from a random one on; None: none."""
    low, high = sorted(sysctls.integers("net.ipv4.ip_local_port_range"))
    count = high - low + 1
    start = chance.randrange(count)
    ports = (low + (start + offset) % count for offset in range(count))
    return next((port for port in ports if not taken(port)), None)
