"""Two hosts and a router between them, which knows more or less."""

from __future__ import annotations

from fuzz.network import Network
from fuzz.networks import parts

_ROUTES = (
    "unreachable 10.0.9.0/24",
    "prohibit 10.0.8.0/24",
    "blackhole 10.0.7.0/24",
    "default via 10.0.2.77",
    "10.0.6.0/24 via 10.0.2.1 mtu 700",
    "10.0.5.0/24 dev eth1",
    "unreachable 10.0.2.1",
    "throw 10.0.4.0/24",
)


def build(network: Network) -> None:
    """a - r - b."""
    rng = network.rng
    parts.host(network, "a", "10.0.1.1/24", "10.0.1.254")
    parts.host(network, "b", "10.0.2.1/24", "10.0.2.254" if network.chance(0.85) else None)
    network.node("r", kind="router")
    network.connect("a:eth0", "r:eth0", parts.odd_mtu(network))
    network.connect("r:eth1", "b:eth0", parts.odd_mtu(network))
    network.address("r", "eth0", "10.0.1.254/24")
    network.address("r", "eth1", "10.0.2.254/24")
    if network.chance(0.2):
        network.nodes["r"]["forwarding"] = False
    parts.settle(network, "a", "b")
    for text in rng.sample(_ROUTES, rng.choice([0, 0, 1, 2])):
        network.route("r", text)
    if network.chance(0.2):  # the router answers for what is behind it
        network.nodes["a"].pop("routes", None)
        network.nodes["a"]["interfaces"]["eth0"]["addresses"] = ["10.0.1.1/16"]
        network.sysctl("r", "net.ipv4.conf.eth0.proxy_arp", 1)
