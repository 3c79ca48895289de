"""Echo requests of any size and TTL."""

from __future__ import annotations

from typing import Any

from fuzz.network import Network

WAIT = 60  # milliseconds


def add(network: Network) -> None:
    """One."""
    rng = network.rng
    sender = network.sender()
    # An id that nobody else has: where NAT finds one taken, it chooses another by chance.
    item: dict[str, Any] = {
        "ping": network.target(sender), "from": sender.node, "id": network.number(),
        "timeout": f"{WAIT}ms",
    }  # fmt: skip
    if network.chance(0.3):
        item["size"] = rng.choice([0, 1, 272, 548, 1372, 1472, 1473, 3000])
    if network.chance(0.3):
        item["ttl"] = rng.choice([1, 2, 3, 255])
    if network.chance(0.4):
        item["df"] = False
    if network.chance(0.2):
        item["ipid"] = rng.randrange(1, 0x10000)
    network.send(item, WAIT + 50)
