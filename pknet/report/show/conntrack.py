"""``conntrack -L`` (conntrack-tools 1.4.7)."""

from __future__ import annotations

from collections.abc import Iterator

from pknet.netns.namespace import Namespace


def lines(node: Namespace) -> Iterator[str]:
    """One a connection, the oldest first; none where nothing is tracked."""
    if node.firewall.conntrack is not None:
        yield from node.firewall.conntrack.listing().splitlines()
