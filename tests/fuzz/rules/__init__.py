"""iptables rules. A new kind of table is a new file with ``rules``, and its line here."""

from __future__ import annotations

from fuzz.network import Network
from fuzz.rules import filters, mangle, match, nat, raw

#: Table to what makes its lines for a node, ``:CHAIN`` and ``-A``.
TABLES = {"raw": raw.lines, "mangle": mangle.lines, "nat": nat.lines, "filter": filters.lines}
_SHARES = {"raw": 0.15, "mangle": 0.3, "nat": 0.55, "filter": 0.5}
_SETS_SHARE = 0.2


def add(network: Network, node: str) -> None:
    """Some tables for one node."""
    text = ""
    if network.chance(_SETS_SHARE):
        network.nodes[node]["ipset"] = match.sets(network)
    for table, lines in TABLES.items():
        if network.chance(_SHARES[table]):
            text += "\n".join([f"*{table}", *lines(network, node), "COMMIT", ""])
    if text:
        network.nodes[node]["iptables"] = text


__all__ = ["TABLES", "add"]
