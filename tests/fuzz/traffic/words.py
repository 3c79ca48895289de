"""Packet expressions, put together."""

from __future__ import annotations

from typing import Any

from fuzz.network import Network, Station

LASTS = 100  # milliseconds: a ``send`` and the gap after it


def layer(name: str, **fields: Any) -> str:
    """``IP(dst='10.0.0.1', ttl=3)``; a field that is None is left out."""
    given = ", ".join(f"{key}={value!r}" for key, value in fields.items() if value is not None)
    return f"{name}({given})"


def ip(network: Network, sender: Station, target: str, **fields: Any) -> str:
    """An IP header with an id of its own."""
    return layer("IP", src=sender.ip, dst=target, id=network.number() & 0xFFFF, **fields)


def packet(network: Network, sender: Station, *layers: str) -> None:
    """Send it by the sender's own routes."""
    network.send({"send": "/".join(layers), "from": sender.node}, LASTS)


def frame(network: Network, sender: Station, target: str, *layers: str) -> None:
    """Put it on the wire, towards the device that seems right, or another."""
    rng = network.rng
    ports = list(network.nodes[sender.node].get("interfaces", ()))
    name = sender.device if sender.device in ports else rng.choice(ports)
    macs = [
        device["mac"] for node in network.nodes for device in network.devices(node).values()
        if node != sender.node
    ]  # fmt: skip
    own = str(network.device(sender.node, name)["mac"])
    near = _near(network, f"{sender.node}:{name}")
    choices = [near] * 6 + [rng.choice(macs), "ff:ff:ff:ff:ff:ff", "02:00:00:00:99:99"]
    header = layer("Ether", src=own, dst=rng.choice(choices))
    network.send({"send": "/".join([header, *layers]), "from": f"{sender.node}:{name}"}, LASTS)


def _near(network: Network, place: str) -> str:
    """The MAC at the other end of the wire; that of the bridge, if it is a port."""
    for ends in network.links:
        if place in ends:
            node, name = ends[1 - ends.index(place)].split(":")
            device = network.device(node, name)
            master = device.get("master")
            return str(network.device(node, master)["mac"] if master else device["mac"])
    raise ValueError(f"{place} is on no link")
