"""``iptables-save -c`` (iptables 1.8.9, nf_tables), without its dated comment lines."""

from __future__ import annotations

from collections.abc import Iterator

from pknet.netns.namespace import Namespace


def lines(node: Namespace) -> Iterator[str]:
    """Every table that the node's rules name; each rule with its packets and bytes."""
    yield from node.firewall.ruleset.save_counted().splitlines()
