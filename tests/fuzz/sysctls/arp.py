"""Who answers for which address."""

from __future__ import annotations

from fuzz.network import Network

_VALUES = {
    "arp_ignore": (1, 2, 3, 8),
    "arp_announce": (1, 2),
    "arp_filter": (1,),
    "arp_accept": (1,),
    "proxy_arp": (1,),
}


def add(network: Network) -> None:
    """One of them, on some node, for one device or all."""
    rng = network.rng
    node = rng.choice(list(network.nodes))
    device = rng.choice(["all", *network.devices(node)])
    name = rng.choice(list(_VALUES))
    network.sysctl(node, f"net.ipv4.conf.{device}.{name}", rng.choice(_VALUES[name]))
