"""Pieces of datagrams: whole sets, in any order, twice, overlapping, or one missing."""

from __future__ import annotations

from fuzz.network import Network
from fuzz.traffic import words


def add(network: Network) -> None:
    """Two or three pieces of one UDP datagram or echo request."""
    rng = network.rng
    sender = network.sender()
    target = network.target(sender)
    number = network.number() & 0xFFFF
    protocol, first = rng.choice(
        [
            (17, words.layer("UDP", sport=number, dport=network.udp_port(), len=48, chksum=0)),
            (1, words.layer("ICMP", id=number, seq=1, chksum=_ECHO_SUM - number & 0xFFFF)),
        ]
    )
    pieces = [
        (0, 1, f"{first}/Raw({bytes(16)!r})"),
        (3, rng.choice([0, 1]), f"Raw({bytes(8)!r})"),
        (4, 0, f"Raw({bytes(16)!r})"),
    ]
    pieces = rng.choice([pieces, pieces[:2], pieces[::-1], [*pieces, pieces[0]], pieces[1:]])
    for offset, more, body in pieces:
        header = words.layer(
            "IP", src=sender.ip, dst=target, id=number, frag=offset, proto=protocol,
            flags="MF" if more else 0, ttl=rng.choice([64, 64, 64, 1, 2]),
        )  # fmt: skip
        words.packet(network, sender, header, body)


_ECHO_SUM = 0xFFFF - 0x0800 - 1
