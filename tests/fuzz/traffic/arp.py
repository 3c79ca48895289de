"""ARP that nobody asked for: questions, answers, announcements, probes, lies."""

from __future__ import annotations

from fuzz.network import Network
from fuzz.traffic import words


def add(network: Network) -> None:
    """One."""
    rng = network.rng
    sender = network.sender()
    target = network.target(sender)
    own = network.device(sender.node, sender.device)["mac"]
    arp = words.layer(
        "ARP", op=rng.choice([1, 1, 1, 2, 2, 3]), hwsrc=rng.choice([own, own, "02:00:00:00:99:97"]),
        psrc=rng.choice([sender.ip, sender.ip, target, "0.0.0.0", rng.choice(network.stations).ip]),
        hwdst=rng.choice([None, own]), pdst=rng.choice([target, target, sender.ip]),
    )  # fmt: skip
    words.frame(network, sender, target, arp)
