"""Numbers as YAML writes them.

Law: only what YAML 1.1 and 1.2 read alike is read at all.
"""

from __future__ import annotations

_MAX_DIGITS = 20


def number_of(text: str) -> int | None:
    """``text`` in decimal or 0x…, no octal, no 1:30; None: it is not read."""
    bare = text.replace("_", "")
    if len(bare) > _MAX_DIGITS:
        return None
    try:
        return int(bare, 0)
    except ValueError:
        return None


def why_no_number(text: str) -> str:
    """Of a number of YAML 1.1 that ``number_of`` does not read."""
    if len(text.replace("_", "")) > _MAX_DIGITS:
        return f"it has more than {_MAX_DIGITS} digits"
    return "write it in decimal without leading zeros, or as 0x…"
