"""Nodes of a cluster: pods on a bridge, a wire or a switch between the nodes."""

from __future__ import annotations

from fuzz.network import Network
from fuzz.networks import parts


def build(network: Network) -> None:
    """Node A (pods a1, a2), maybe B (b1), both on the wire; a client on the switch, if any."""
    switched = network.chance(0.4)
    pods = [_node(network, "A", 1, ["a1", "a2"]), _node(network, "B", 2, ["b1"])]
    mtu = parts.odd_mtu(network, 0.2)
    if switched:
        network.node("sw", kind="switch")
        network.connect("A:eth0", "sw:p1", mtu)
        network.connect("B:eth0", "sw:p2", mtu)
        network.node("client")
        network.connect("client:eth0", "sw:p3", mtu)
        network.address("client", "eth0", "192.168.0.100/24")
        if network.chance(0.5):
            network.route("client", "default via 192.168.0.1")
        if mtu is not None:
            network.nodes["sw"]["bridges"] = {"br0": {"mtu": mtu, "mac": "02:00:00:00:99:01"}}
            for port in network.nodes["sw"]["interfaces"].values():
                port["master"] = "br0"
            network.sysctl("sw", "net.bridge.bridge-nf-call-iptables", 0)
    else:
        network.connect("A:eth0", "B:eth0", mtu)
    network.address("A", "eth0", "192.168.0.1/24")
    network.address("B", "eth0", "192.168.0.2/24")
    network.route("A", "10.1.2.0/24 via 192.168.0.2")
    if network.chance(0.9):
        network.route("B", "10.1.1.0/24 via 192.168.0.1")
    if network.chance(0.3):
        network.route("A", "default via 192.168.0.2")
    for names in pods:
        parts.settle(network, *names)


def _node(network: Network, name: str, number: int, pods: list[str]) -> list[str]:
    for index, pod in enumerate(pods, 1):
        parts.host(network, pod, f"10.1.{number}.{index}/24", f"10.1.{number}.254")
    network.node(name, kind="node")
    network.bridge(name, "br0", f"10.1.{number}.254/24")
    hairpin = {"hairpin": True} if network.chance(0.5) else {}
    for pod in pods:
        network.connect(f"{pod}:eth0", f"{name}:v{pod}")
        network.port(f"{name}:v{pod}", "br0", **hairpin)
    return pods
