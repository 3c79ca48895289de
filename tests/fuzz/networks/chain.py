"""Two routers in a row; a packet for nowhere may go round between them."""

from __future__ import annotations

from fuzz.network import Network
from fuzz.networks import parts


def build(network: Network) -> None:
    """a - r1 - r2 - b."""
    parts.host(network, "a", "10.0.1.1/24", "10.0.1.254")
    parts.host(network, "b", "10.0.2.1/24", "10.0.2.254")
    network.node("r1", kind="router")
    network.node("r2", kind="router")
    network.connect("a:eth0", "r1:eth0", parts.odd_mtu(network))
    network.connect("r1:eth1", "r2:eth1", parts.odd_mtu(network))
    network.connect("r2:eth0", "b:eth0", parts.odd_mtu(network))
    network.address("r1", "eth0", "10.0.1.254/24")
    network.address("r1", "eth1", "192.168.0.1/30")
    network.address("r2", "eth1", "192.168.0.2/30")
    network.address("r2", "eth0", "10.0.2.254/24")
    everything = network.chance(0.3)
    network.route("r1", f"{'default' if everything else '10.0.2.0/24'} via 192.168.0.2")
    if network.chance(0.8):
        network.route("r2", f"{'default' if everything else '10.0.1.0/24'} via 192.168.0.1")
    parts.settle(network, "a", "b")
