"""Frames whose packets lie: wrong sums, lengths, versions."""

from __future__ import annotations

from fuzz.network import Network
from fuzz.traffic import words

_HEADERS: tuple[dict[str, int], ...] = (
    {"chksum": 0x1234}, {"len": 20}, {"len": 24}, {"len": 10}, {"len": 200}, {"ihl": 4}, {"ihl": 6},
    {"ihl": 15}, {"version": 6}, {"ttl": 0}, {"flags": 4}, {"flags": 6}, {"proto": 200},
    {"proto": 132}, {"proto": 47}, {"tos": 0xFF}, {"tos": 0x10}, {"frag": 8000},
)  # fmt: skip


def add(network: Network) -> None:
    """One, as a frame: a raw socket would put some of it right."""
    rng = network.rng
    sender = network.sender()
    target = network.target(sender)
    number = network.number()
    bodies = [
        words.layer("ICMP", id=number, seq=1),
        words.layer("ICMP", id=number, seq=1, chksum=0xBAD),
        words.layer("ICMP", type=rng.choice([9, 10, 13, 15, 17, 19, 40, 255]), id=number),
        words.layer("UDP", sport=number, dport=network.udp_port()),
        words.layer("UDP", sport=number, dport=network.udp_port(), chksum=0xBAD),
        words.layer("UDP", sport=number, dport=network.udp_port(), chksum=0),
        words.layer("UDP", sport=number, dport=network.udp_port(), len=rng.choice([4, 8, 100])),
        words.layer("TCP", sport=number, dport=8080, chksum=0xBAD),
        words.layer("TCP", sport=number, dport=8080, dataofs=rng.choice([0, 4, 15])),
        f"Raw({bytes(rng.choice([0, 1, 7]))!r})",
    ]
    fields = rng.choice(_HEADERS) if network.chance(0.6) else {}
    header = words.ip(network, sender, target, **fields)
    body = rng.choice(bodies)
    more = [f"Raw({b'payload'!r})"] if network.chance(0.6) else []
    words.frame(network, sender, target, header, body, *more)
