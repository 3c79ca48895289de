"""What a stack takes in and passes on."""

from __future__ import annotations

from fuzz.network import Network

_VALUES = {
    "rp_filter": (1, 2),
    "accept_local": (1,),
    "route_localnet": (1,),
    "send_redirects": (1,),
    "forwarding": (0, 1),
    "log_martians": (1,),
}


def add(network: Network) -> None:
    """One of them, on some node, for one device or all."""
    rng = network.rng
    node = rng.choice(list(network.nodes))
    name = rng.choice(list(_VALUES))
    device = rng.choice([*network.devices(node), *(["all"] if name != "forwarding" else [])])
    network.sysctl(node, f"net.ipv4.conf.{device}.{name}", rng.choice(_VALUES[name]))
