"""The mangle table: marks, and packets that end early."""

from __future__ import annotations

from fuzz.network import Network
from fuzz.rules import match

CHAINS = ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING")
_TARGETS = (
    "-j MARK --set-xmark 0x1/0xffffffff", "-j MARK --set-xmark 0x4000/0x4000",
    "-j MARK --and-mark 0xfffffffe", "-j MARK --xor-mark 0x1", "-j ACCEPT", "-j DROP",
)  # fmt: skip


def lines(network: Network, node: str) -> list[str]:
    """One to three rules."""
    rng = network.rng
    return [
        *(f":{chain} ACCEPT [0:0]" for chain in CHAINS),
        *(_rule(network, node, rng.choice(CHAINS)) for _ in range(rng.choice([1, 1, 2, 3]))),
    ]


def _rule(network: Network, node: str, chain: str) -> str:
    return match.joined(
        f"-A {chain}", match.addresses(network), match.devices(network, node, chain),
        match.protocol(network)[1], match.rest(network, node), network.rng.choice(_TARGETS),
    )  # fmt: skip
