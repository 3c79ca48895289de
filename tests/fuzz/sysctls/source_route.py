"""Who follows source routes: where none does, there is little to see."""

from __future__ import annotations

from fuzz.network import Network


def add(network: Network) -> None:
    """Every node, or one."""
    chosen = list(network.nodes)
    if network.chance(0.3):
        chosen = [network.rng.choice(chosen)]
    for node in chosen:
        for of in ("all", "default"):
            network.sysctl(node, f"net.ipv4.conf.{of}.accept_source_route", 1)
