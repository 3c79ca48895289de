"""Drawn conversations through a router that translates.

Questions are drawn; answers and errors are made of what our own router sent on, so that they
bear the addresses that a real server would see. Source ports are never used twice, so that no
router has to draw one.
"""

from __future__ import annotations

from itertools import count
from random import Random

from conntrack_boxes import OurBox
from conntrack_packets import echo, error_step, other_step, tcp_step, udp_step
from conntrack_told import NETS, Packet, header, spec_of

from pknet.wire import ipv4
from pknet.wire.address import ip_text
from pknet.wire.icmp import ECHO_REQUEST
from pknet.wire.ipv4 import Ipv4

#: Every kind of translation at once. What would need a route that is not there dies before it:
#: how many errors a router sends about that hangs on real time (Linux: ip_error).
RULES = """*nat
-A PREROUTING -d 10.0.9.1/32 -p tcp -j DNAT --to-destination 10.0.2.1-10.0.2.5:8080
-A PREROUTING -d 10.0.9.1/32 -p udp -j DNAT --to-destination 10.0.2.1-10.0.2.5:53
-A PREROUTING -d 10.0.9.1/32 -j DNAT --to-destination 10.0.2.1-10.0.2.5
-A PREROUTING -d 10.0.9.2/32 -p tcp -j DNAT --to-destination 10.0.1.1-10.0.1.5:8080
-A PREROUTING -d 10.0.9.2/32 -j DNAT --to-destination 10.0.1.1-10.0.1.5
-A POSTROUTING -s 10.0.1.0/24 -d 10.0.1.0/24 -j MASQUERADE
-A POSTROUTING -o server -d 10.0.2.2/31 -j MASQUERADE
-A POSTROUTING -o server -d 10.0.2.4/31 -j SNAT --to-source 10.0.3.1-10.0.3.9
COMMIT
*mangle
-A PREROUTING -m conntrack --ctstate INVALID -j DROP
-A PREROUTING -d 10.0.3.0/24 -m conntrack --ctstate NEW -j DROP
-A PREROUTING ! -d 10.0.0.0/16 -j DROP
COMMIT
*filter
-A FORWARD -m conntrack --ctstate NEW
-A FORWARD -m conntrack --ctstate RELATED
-A FORWARD -m conntrack --ctstate ESTABLISHED --ctdir REPLY
COMMIT
"""


def conversations(seed: int, size: int) -> list[Packet]:
    """``size`` packets: new ones, answers to what came out, and some once more."""
    chance, ports = Random(seed), count(20_000)
    box = OurBox(spec_of(RULES))
    story: list[Packet] = []
    seen: list[Packet] = []
    while len(story) < size:
        drawn = chance.random()
        if seen and drawn < 0.6:
            step = _answer(chance, *chance.choice(seen[-20:]))
        elif story and drawn < 0.7:
            step = chance.choice(story[-20:])
        else:
            step = _question(chance, next(ports))
        story.append(step)
        side, data = step
        seen += [out for out in box.send(side, header(side, 0x0800) + data) if len(out[1]) >= 28]
    return story


def _question(chance: Random, port: int) -> Packet:
    src = f"10.0.1.{chance.randrange(1, 6)}"
    dst = chance.choice(("10.0.9.1", "10.0.9.1", "10.0.9.2", f"10.0.2.{chance.randrange(1, 9)}"))
    kind = chance.choice(("syn", "ack", "udp", "echo"))
    if chance.random() < 0.03:
        return other_step(src, dst, 50)
    if kind == "echo":
        return echo(src, dst, port)
    if kind == "udp":
        return udp_step(f"{src}:{port}", f"{dst}:53")
    flags, ack = ("S", 0) if kind == "syn" else ("A", 500)
    return tcp_step(f"{src}:{port}", f"{dst}:80", flags, 100, ack)


def _answer(chance: Random, side: str, data: bytes) -> Packet:
    """What the host at ``side`` says to ``data``, or a router behind it."""
    asked, payload = Ipv4.parse(data), data[20:]
    src, dst = ip_text(asked.dst), ip_text(asked.src)
    if chance.random() < 0.25:
        where = chance.choice((src, f"{NETS[side]}.9"))
        kind, code = chance.choice(((3, 1), (3, 3), (3, 4), (11, 0), (12, 0), (5, 1)))
        _, error = error_step(where, (side, data), kind, code, chance.choice((28, 40, 548)))
        return side, error
    if asked.protocol == ipv4.ICMP and payload[0] == ECHO_REQUEST:
        return side, echo(src, dst, int.from_bytes(payload[4:6], "big"), reply=True)[1]
    sport, dport = int.from_bytes(payload[2:4], "big"), int.from_bytes(payload[:2], "big")
    if asked.protocol == ipv4.UDP:
        return side, udp_step(f"{src}:{sport}", f"{dst}:{dport}", b"yes")[1]
    if asked.protocol == ipv4.TCP:
        flags = chance.choice(("SA", "SA", "A", "RA", "FA"))
        return side, tcp_step(f"{src}:{sport}", f"{dst}:{dport}", flags, 500, 101)[1]
    return side, other_step(src, dst, asked.protocol, payload)[1]
