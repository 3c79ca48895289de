"""What a stack answers, and how."""

from __future__ import annotations

from fuzz.network import Network

_VALUES = {
    "net.ipv4.ip_default_ttl": (1, 2, 3, 255),
    "net.ipv4.icmp_echo_ignore_all": (1,),
    "net.ipv4.icmp_echo_ignore_broadcasts": (0,),
    "net.ipv4.icmp_errors_use_inbound_ifaddr": (1,),
}


def add(network: Network) -> None:
    """One of them, on some node."""
    rng = network.rng
    name = rng.choice(list(_VALUES))
    network.sysctl(rng.choice(list(network.nodes)), name, rng.choice(_VALUES[name]))
