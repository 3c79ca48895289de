"""What programs were told, there and here, item by item.

Law: the words are the programs' own (netns.socket.programs.told), and must be the same.
"""

from __future__ import annotations

from collections.abc import Iterable


def differences(items: Iterable[str], ours: Iterable[str], theirs: Iterable[str]) -> list[str]:
    """A line for each item whose program was told something else; ``items`` are their names."""
    return [
        f"{name}: told: pknet {_cut(one)}, kernel {_cut(other)}"
        for name, one, other in zip(items, ours, theirs, strict=True)
        if one != other
    ]


def _cut(text: str, width: int = 60) -> str:
    return f'"{text}"' if len(text) <= width else f'"{text[:width]}…" ({len(text)} characters)'
