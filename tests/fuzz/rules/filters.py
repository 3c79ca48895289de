"""The filter table: policies, REJECTs of all kinds, chains of one's own."""

from __future__ import annotations

from fuzz.network import Network
from fuzz.rules import match

_REJECTS = (
    "icmp-net-unreachable", "icmp-host-unreachable", "icmp-proto-unreachable",
    "icmp-port-unreachable", "icmp-net-prohibited", "icmp-host-prohibited",
    "icmp-admin-prohibited",
)  # fmt: skip


def lines(network: Network, node: str) -> list[str]:
    """One to four rules, and a chain that some of them lead to."""
    rng = network.rng
    policies = [rng.choice(["ACCEPT"] * 9 + ["DROP"]) for _ in range(3)]
    chains = ("INPUT", "FORWARD", "OUTPUT")
    text = [f":{chain} {policy} [0:0]" for chain, policy in zip(chains, policies, strict=True)]
    text.append(":OWN - [0:0]")
    text += [_rule(network, node, rng.choice(chains)) for _ in range(rng.choice([1, 2, 3, 4]))]
    text += [_rule(network, node, "OWN") for _ in range(rng.choice([0, 1, 2]))]
    return text


def _rule(network: Network, node: str, chain: str) -> str:
    rng = network.rng
    protocol, words = match.protocol(network)
    targets = [
        "-j ACCEPT",
        "-j ACCEPT",
        "-j DROP",
        "-j RETURN",
        f"-j {rng.choice(match.LOGS)}",
        f"-j REJECT --reject-with {rng.choice(_REJECTS)}",
    ]
    if protocol == "tcp":
        targets.append("-j REJECT --reject-with tcp-reset")
    if chain != "OWN":
        targets += ["-j OWN", "-g OWN"]
    return match.joined(
        f"-A {chain}", match.addresses(network), match.devices(network, node, chain), words,
        match.rest(network, node), rng.choice(targets),
    )  # fmt: skip
