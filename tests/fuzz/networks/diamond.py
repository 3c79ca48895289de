"""Two ways between two hosts: there by one router, back by the other."""

from __future__ import annotations

from fuzz.network import Network
from fuzz.networks import parts


def build(network: Network) -> None:
    """a - r1 - b and a - r2 - b; the hosts have eth0 towards r1 and eth1 towards r2."""
    for name in "ab":
        network.node(name, forwarding=network.chance(0.2))
    for name in ("r1", "r2"):
        network.node(name, kind="router")
    for way, name in enumerate(("r1", "r2")):
        network.connect(f"a:eth{way}", f"{name}:eth0", parts.odd_mtu(network, 0.2))
        network.connect(f"{name}:eth1", f"b:eth{way}", parts.odd_mtu(network, 0.2))
        network.address("a", f"eth{way}", f"10.0.{way}.1/24")
        network.address(name, "eth0", f"10.0.{way}.254/24")
        network.address(name, "eth1", f"10.1.{way}.254/24")
        network.address("b", f"eth{way}", f"10.1.{way}.1/24")
    network.nodes["b"]["listen"] = [{"tcp": 8080, "reply": "pong"}, {"udp": 5000, "reply": "pong"}]
    rng = network.rng
    network.route("a", f"10.1.0.0/16 via 10.0.{rng.randrange(2)}.254")
    network.route("b", f"10.0.0.0/16 via 10.1.{rng.randrange(2)}.254")
