"""Datagrams: to somebody who listens, to a closed port, to nobody; over the MTU, too."""

from __future__ import annotations

from typing import Any

from fuzz.network import Network

WAIT = 60  # milliseconds


def add(network: Network) -> None:
    """One."""
    rng = network.rng
    sender = network.sender()
    target, port = network.target(sender), rng.choice([*[network.udp_port()] * 3, 80, 9999])
    if network.chance(0.25):
        target, port = "172.30.0.1", 80
    item: dict[str, Any] = {
        "udp": f"{target}:{port}", "from": sender.node, "sport": network.number(),
        "payload": rng.choice(["hello", "", "a" * 600, "b" * 1473, "c" * 3000]),
        "timeout": f"{WAIT}ms",
    }  # fmt: skip
    if network.chance(0.3):
        item["ttl"] = rng.choice([1, 2, 3, 255])
    if network.chance(0.5):
        item["df"] = False
    network.send(item, WAIT + 50)
