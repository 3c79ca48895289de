"""Connections: to somebody who listens, to a closed port, to nobody."""

from __future__ import annotations

from fuzz.network import Network

WAIT = 100  # milliseconds


def add(network: Network) -> None:
    """One."""
    rng = network.rng
    sender = network.sender()
    target, port = network.target(sender), rng.choice([8080, 8080, 8080, 80, 9999])
    if network.chance(0.25):
        target, port = "172.30.0.1", 80
    payload = rng.choice(["ping", "ping", "x", "y" * 600, "z" * 3000])
    item = {
        "tcp": f"{target}:{port}", "from": sender.node, "sport": network.number(),
        "payload": payload, "timeout": f"{WAIT}ms",
    }  # fmt: skip
    network.send(item, 2 * WAIT + 170)
