"""The nat table: every kind of translation, alone and on top of another.

Random ports and endpoints are the kernel's chance: no --random here, and no ranges of ports.
"""

from __future__ import annotations

from fuzz.network import Network
from fuzz.rules import match

CHAINS = ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING")
VIP = "172.30.0.1"


def lines(network: Network, node: str) -> list[str]:
    """One to three rules, and sometimes a Service."""
    rng = network.rng
    text = [f":{chain} ACCEPT [0:0]" for chain in CHAINS]
    if network.chance(0.5):
        text += _service(network)
    for _ in range(rng.choice([0, 1, 1, 2])):
        text.append(_rule(network, node, rng.choice(CHAINS)))
    return text


def _service(network: Network) -> list[str]:
    """A virtual address that leads to somebody, as kube-proxy has it."""
    rng = network.rng
    endpoint = rng.choice(network.stations).ip
    protocol, port = rng.choice([("tcp", 8080), ("udp", 5000)])
    text = [
        ":SVC - [0:0]",
        *(f"-A {chain} -d {VIP}/32 -p {protocol} -m {protocol} --dport 80 -j SVC"
          for chain in ("PREROUTING", "OUTPUT")),
        f"-A SVC -p {protocol} -m {protocol} -j DNAT --to-destination {endpoint}:{port}",
    ]  # fmt: skip
    if network.chance(0.5):
        text.insert(-1, "-A SVC -j MARK --set-xmark 0x4000/0x4000")
        text.append("-A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE")
    elif network.chance(0.4):
        text.append("-A POSTROUTING -m conntrack --ctstate DNAT -j MASQUERADE")
    return text


def _rule(network: Network, node: str, chain: str) -> str:
    protocol, words = match.protocol(network)
    return match.joined(
        f"-A {chain}", match.addresses(network), match.devices(network, node, chain), words,
        match.rest(network, node), _target(network, chain, protocol),
    )  # fmt: skip


def _target(network: Network, chain: str, protocol: str) -> str:
    rng = network.rng
    address = rng.choice([rng.choice(network.stations).ip] * 3 + ["10.0.0.77", "192.0.2.1"])
    port = rng.choice(match.PORTS)
    ported = protocol in ("tcp", "udp")
    if chain in ("POSTROUTING", "INPUT"):
        targets = [f"SNAT --to-source {address}"]
        if ported:
            targets.append(f"SNAT --to-source {address}:6{rng.randrange(1000):04d}")
        if chain == "POSTROUTING":
            targets += ["MASQUERADE"] * 3
            if ported:
                targets.append(f"MASQUERADE --to-ports 6{rng.randrange(1000):04d}")
    else:
        targets = [f"DNAT --to-destination {address}", "REDIRECT"]
        if ported:
            targets += [f"DNAT --to-destination {address}:{port}", f"REDIRECT --to-ports {port}"]
    return f"-j {rng.choice([*targets, *targets, 'ACCEPT'])}"
