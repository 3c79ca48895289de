"""Whether iptables sees what is bridged."""

from __future__ import annotations

from fuzz.network import Network


def add(network: Network) -> None:
    """Off, on every node that has a bridge."""
    for node, keys in network.nodes.items():
        if "bridges" in keys:
            network.sysctl(node, "net.bridge.bridge-nf-call-iptables", 0)
