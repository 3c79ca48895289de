"""Two hosts on one wire; their prefixes and MTUs need not agree."""

from __future__ import annotations

from fuzz.network import Network
from fuzz.networks import parts


def build(network: Network) -> None:
    """a - b."""
    rng = network.rng
    lengths = rng.choice([(24, 24), (24, 24), (30, 24), (31, 31), (24, 16), (32, 24)])
    hosts = [
        parts.host(network, name, f"10.0.0.{number}/{length}", None)
        for number, (name, length) in enumerate(zip("ab", lengths, strict=True), 2)
    ]
    network.connect("a:eth0", "b:eth0", parts.odd_mtu(network))
    if network.chance(0.2):
        network.device("b", "eth0")["mtu"] = rng.choice(parts.MTUS)
    parts.settle(network, *hosts)
    if network.chance(0.3):
        network.address("b", "eth0", rng.choice(["10.0.0.9/24", "10.0.1.9/24", "192.0.2.9/32"]))
    for name in hosts:
        if network.chance(0.4):
            network.route(name, rng.choice(["default dev eth0", "10.0.0.0/8 dev eth0"]))
