"""TCP segments with any flags, to a listener, a closed port, or a connection that never was."""

from __future__ import annotations

from fuzz.network import Network
from fuzz.traffic import words

_FLAGS = ("S", "SA", "A", "R", "RA", "F", "FA", "", "PA", "SF", "FPU", "SR", "SAFR", "SE")


def add(network: Network) -> None:
    """One, or two of one flow."""
    rng = network.rng
    sender = network.sender()
    target = network.target(sender)
    sport, dport = network.number(), rng.choice([8080, 8080, 9999])
    for _ in range(rng.choice([1, 1, 2])):
        body = [f"Raw({b'data'!r})"] if network.chance(0.3) else []
        header = words.layer(
            "TCP", sport=sport, dport=dport, flags=rng.choice(_FLAGS), seq=rng.choice([0, 1, 1000]),
            ack=rng.choice([0, 1, 5000]), window=rng.choice([None, 0, 100]),
        )  # fmt: skip
        words.packet(network, sender, words.ip(network, sender, target), header, *body)
