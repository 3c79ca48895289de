"""ICMP errors out of the blue, about packets that were never sent, or were."""

from __future__ import annotations

from fuzz.network import Network
from fuzz.traffic import words

_KINDS = (
    (3, 0),
    (3, 1),
    (3, 2),
    (3, 3),
    (3, 4),
    (3, 13),
    (11, 0),
    (11, 1),
    (12, 0),
    (4, 0),
    (3, 200),
)


def add(network: Network) -> None:
    """One; what it quotes is cut short now and then."""
    rng = network.rng
    sender = network.sender()
    target = network.target(sender)
    kind, code = rng.choice(_KINDS)
    number = network.number()
    inner = rng.choice(
        [
            words.layer("UDP", sport=number, dport=5000),
            words.layer("TCP", sport=number, dport=8080, flags="S"),
            words.layer("ICMP", id=number, seq=1),
            words.layer("ICMP", type=3, code=1),
        ]
    )
    quoted = words.layer("IP", src=target, dst=rng.choice(network.stations).ip, id=number & 0xFFFF)
    error = words.layer(
        "ICMP", type=kind, code=code, nexthopmtu=rng.choice([0, 100, 600]) if code == 4 else None
    )
    layers = [words.ip(network, sender, target), error, quoted, inner]
    if network.chance(0.15):
        layers = layers[:2]
    words.packet(network, sender, *layers)
