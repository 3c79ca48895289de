"""The raw table: packets that are not tracked, and packets that end first of all."""

from __future__ import annotations

from fuzz.network import Network
from fuzz.rules import match

CHAINS = ("PREROUTING", "OUTPUT")
_TARGETS = ("-j CT --notrack", "-j CT --notrack", "-j NOTRACK", "-j DROP", "-j ACCEPT")
_LATER = ("conntrack", "state", "physdev")  # in raw nothing is tracked yet


def lines(network: Network, node: str) -> list[str]:
    """One rule, or two."""
    rng = network.rng
    return [
        *(f":{chain} ACCEPT [0:0]" for chain in CHAINS),
        *(_rule(network, node, rng.choice(CHAINS)) for _ in range(rng.choice([1, 1, 2]))),
    ]


def _rule(network: Network, node: str, chain: str) -> str:
    return match.joined(
        f"-A {chain}", match.addresses(network), match.devices(network, node, chain),
        match.protocol(network)[1],
        match.rest(network, node, lambda text: not any(word in text for word in _LATER)),
        network.rng.choice(_TARGETS),
    )  # fmt: skip
