"""A node with two addresses of one subnet, on two devices: its table has two routes for it."""

from __future__ import annotations

from fuzz.network import Network
from fuzz.networks import parts


def build(network: Network) -> None:
    """a - t - b, or all of them on a switch; t has 10.0.0.1 and 10.0.0.2."""
    rng = network.rng
    parts.host(network, "a", "10.0.0.11/24", "10.0.0.1" if network.chance(0.4) else None)
    parts.host(network, "b", "10.0.0.12/24", "10.0.0.2" if network.chance(0.4) else None)
    network.node("t", forwarding=network.chance(0.6))
    if network.chance(0.3):
        network.node("s", kind="switch")
        for number, place in enumerate(("a:eth0", "b:eth0", "t:eth0", "t:eth1")):
            network.connect(place, f"s:p{number}")
    else:
        network.connect("a:eth0", "t:eth0", parts.odd_mtu(network, 0.2))
        network.connect("t:eth1", "b:eth0", parts.odd_mtu(network, 0.2))
    first, second = rng.choice([("eth0", "eth1"), ("eth1", "eth0")])
    network.address("t", first, "10.0.0.1/24")
    network.address("t", second, rng.choice(["10.0.0.2/24", "10.0.0.2/24", "10.0.0.2/28"]))
    parts.settle(network, "a", "b")
    if network.chance(0.3):
        network.route("t", rng.choice(["10.0.0.12 dev eth1", "10.0.9.0/24 via 10.0.0.12"]))
