"""Packets from somebody else: another's address, the target's own, nobody's, everybody's."""

from __future__ import annotations

from ipaddress import IPv4Interface

from fuzz.network import Network
from fuzz.traffic import words


def add(network: Network) -> None:
    """An echo request or a datagram, as a frame or routed."""
    rng = network.rng
    sender = network.sender()
    target = network.target(sender)
    other = rng.choice(network.stations)
    source = rng.choice(
        [
            other.ip, other.ip, other.ip, target, "203.0.113.7", "127.0.0.1", "224.0.0.5",
            "255.255.255.255", "240.0.0.1", "0.0.0.0", str(other.address.network.broadcast_address),
        ]
    )  # fmt: skip
    sender = sender._replace(address=IPv4Interface(source))
    number = network.number()
    body = rng.choice(
        [
            words.layer("ICMP", id=number, seq=1),
            words.layer("UDP", sport=number, dport=rng.choice([network.udp_port(), 9999])),
            words.layer("TCP", sport=number, dport=rng.choice([8080, 9999]), flags="S"),
        ]
    )
    way = words.frame if network.chance(0.6) else None
    if way is not None:
        way(network, sender, target, words.ip(network, sender, target), body)
    elif source != "0.0.0.0":
        words.packet(network, sender, words.ip(network, sender, target), body)
