"""Names that become interfaces, files and folders.

Law: a name from a file can neither leave the output folder nor be taken for an option.
"""

from __future__ import annotations

import re

from pknet.topology.fault import shown

_NODE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_INTERFACE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@-]{0,14}")
_TAKEN = ("lo", "all", "default")


def node_name(text: str) -> str:
    """A node's, or the topology's. Raises ValueError."""
    if not _NODE.fullmatch(text):
        wanted = "letters and digits, with - _ . inside, at most 63 characters"
        raise ValueError(f"{shown(text)} is no name; allowed: {wanted}")
    return text


def interface_name(text: str) -> str:
    """As Linux takes them, and fit for a file's name (Linux: dev_valid_name). Raises ValueError."""
    if not _INTERFACE.fullmatch(text):
        wanted = "letters, digits, - _ . @, at most 15 characters"
        raise ValueError(f"{shown(text)} is no interface name; allowed: {wanted}")
    if text in _TAKEN:
        raise ValueError(f"the name {text!r} is taken by Linux; not allowed: {', '.join(_TAKEN)}")
    return text


def endpoint(text: str) -> tuple[str, str]:
    """``node-a:eth0``. Raises ValueError."""
    node, colon, name = text.partition(":")
    if not colon or not node or not name:
        raise ValueError(f"{shown(text)} is no end of a link; write NODE:INTERFACE")
    return node, interface_name(name)
