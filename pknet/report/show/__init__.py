"""What iproute2, bridge, iptables-save and conntrack would print on a node.

Law: the same words in the same order, spaces at the end of a line among them, so that what
reads the output of the real programs reads this. One file for each view.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pknet.netns.namespace import Namespace

#: Each is a module of this package with ``lines(node)``.
VIEWS = ("addr", "link", "route", "neigh", "fdb", "iptables", "conntrack")


def view(name: str) -> Callable[[Namespace], Iterator[str]]:
    """The view ``name``, one of VIEWS; it gives lines without their newlines."""
    lines: Callable[[Namespace], Iterator[str]] = import_module(f"{__name__}.{name}").lines
    return lines
