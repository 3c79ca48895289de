"""Frames that are no common packet: unknown types, groups, nobody's MAC, padding."""

from __future__ import annotations

from fuzz.network import Network
from fuzz.traffic import words

_GROUPS = ("ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "01:80:c2:00:00:00", "01:80:c2:00:00:0e",
           "33:33:00:00:00:01", "02:00:00:00:99:99")  # fmt: skip


def add(network: Network) -> None:
    """One."""
    rng = network.rng
    sender = network.sender()
    ports = list(network.nodes[sender.node].get("interfaces", ()))
    name = rng.choice(ports)
    own = network.device(sender.node, name)["mac"]
    source = rng.choice([own, own, own, "02:00:00:00:99:98", "01:00:5e:00:00:09"])
    target = network.target(sender)
    header = words.ip(network, sender, target)
    body = rng.choice(
        [
            f"{header}/{words.layer('ICMP', id=network.number(), seq=1)}",
            f"{header}/{words.layer('UDP', sport=network.number(), dport=network.udp_port())}",
            f"Raw({b'what is this'!r})",
        ]
    )
    kind = 0x88B5 if body.startswith("Raw") else None
    pad = f"/Padding({bytes(rng.choice([1, 18]))!r})" if network.chance(0.3) else ""
    header = words.layer("Ether", src=source, dst=rng.choice([*_GROUPS, own]), type=kind)
    item = {"send": f"{header}/{body}{pad}", "from": f"{sender.node}:{name}"}
    network.send(item, words.LASTS)
