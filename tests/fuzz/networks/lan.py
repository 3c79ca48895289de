"""Hosts around one bridge, which is a switch, or a host with an address on it."""

from __future__ import annotations

from fuzz.network import Network
from fuzz.networks import parts


def build(network: Network) -> None:
    """a, b, c on s."""
    rng = network.rng
    gateway = "10.0.0.254" if network.chance(0.7) else None
    names = [
        parts.host(network, name, f"10.0.0.{number}/24", gateway)
        for number, name in enumerate("abc"[: rng.choice([2, 2, 3])], 1)
    ]
    addressed = network.chance(0.7)
    network.node("s", forwarding=network.chance(0.7))
    network.bridge("s", "br0", *(["10.0.0.254/24"] if addressed else []))
    mtu = parts.odd_mtu(network, 0.2)
    for name in names:
        network.connect(f"{name}:eth0", f"s:v{name}", mtu)
        network.port(f"s:v{name}", "br0", **({"hairpin": True} if network.chance(0.3) else {}))
    if mtu is not None:
        network.device("s", "br0")["mtu"] = mtu
    parts.settle(network, *names)
    if network.chance(0.1):  # an address that two hosts have
        network.address(names[-1], "eth0", "10.0.0.1/24")
    if network.chance(0.2):
        network.address(names[0], "eth0", "10.0.9.1/24")
        network.route(names[-1], "10.0.9.0/24 via 10.0.0.1")
