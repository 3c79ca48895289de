"""``ip neighbour show`` (iproute2 6.1).

Law: the address is told only while it is valid (Linux: neigh_fill_info); the order is that in
which entries were made, where the kernel's is that of its hash.
"""

from __future__ import annotations

from collections.abc import Iterator

from pknet.netns.namespace import Namespace
from pknet.netns.neighbour_entry import VALID, Neighbour
from pknet.wire.address import ip_text, mac_text


def lines(node: Namespace) -> Iterator[str]:
    """One a neighbour; iproute2 leaves a space at the end of each."""
    for entry in node.neighbours:
        if entry.state is not None:
            yield _line(entry, entry.state.value)


def _line(entry: Neighbour, state: str) -> str:
    mac = f"lladdr {mac_text(entry.mac)} " if entry.state in VALID else ""
    return f"{ip_text(entry.address)} dev {entry.dev.name} {mac}{state} "
