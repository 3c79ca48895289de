"""What several shapes are made of."""

from __future__ import annotations

from fuzz.network import Network

MTUS = (1500, 1400, 1280, 1006, 577, 576, 300, 68)


def odd_mtu(network: Network, share: float = 0.3) -> int | None:
    """Sometimes not the default."""
    return network.rng.choice(MTUS) if network.chance(share) else None


def host(network: Network, name: str, address: str, gateway: str | None) -> str:
    """A host that will have ``eth0``; call ``settle`` once it is connected."""
    network.node(name)
    if gateway is not None:
        network.route(name, f"default via {gateway}")
    network.nodes[name]["interfaces"] = {}
    network.nodes[name]["_address"] = address
    return name


def settle(network: Network, *names: str) -> None:
    """Give hosts the addresses that they were promised, and somebody who listens."""
    rng = network.rng
    for name in names:
        network.address(name, "eth0", network.nodes[name].pop("_address"))
        listen = []
        if network.chance(0.7):
            listen.append({"tcp": 8080, "reply": "pong" * rng.choice([1, 1, 1, 500])})
        if network.chance(0.7):
            # A port of its own: which of two programs answers a broadcast first is chance.
            port = 5000 + list(network.nodes).index(name)
            listen.append({"udp": port, "reply": "pong" * rng.choice([1, 1, 1, 500])})
        if listen:
            network.nodes[name]["listen"] = listen
