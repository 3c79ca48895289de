"""Names that become interfaces, files and folders.

Law: a name from a file can neither leave the output folder nor clash there on any file system.
"""

from __future__ import annotations

import re

_NODE = re.compile(r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$")
_INTERFACE = re.compile(r"^[A-Za-z0-9._@-]{1,15}$")


def node_name(text: str) -> str:
    """A node's, or the topology's. Raises ValueError."""
    if not _NODE.match(text):
        raise ValueError(
            f"{text!r} is no name: letters, digits, - _ . inside, 63 characters at the most"
        )
    return text


def interface_name(text: str) -> str:
    """As Linux takes them, and fit for a file's name (Linux: dev_valid_name). Raises ValueError."""
    if not _INTERFACE.match(text) or text in (".", ".."):
        raise ValueError(
            f"{text!r} is no interface name: letters, digits, - _ . @, 15 characters at the most"
        )
    if text in ("lo", "all", "default"):
        raise ValueError(f"the name {text!r} is taken by Linux")
    return text


def endpoint(text: str) -> tuple[str, str]:
    """``node-a:eth0``. Raises ValueError."""
    node, colon, name = text.partition(":")
    if not colon or not node or not name:
        raise ValueError(f"{text!r} is no interface such as node-a:eth0")
    return node, name
