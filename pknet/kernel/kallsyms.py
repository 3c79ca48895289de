"""The names of the kernel's functions (/proc/kallsyms)."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from pathlib import Path


def function(address: int) -> str:
    """That which ``address`` lies in; empty where the kernel hides it (kernel.kptr_restrict)."""
    starts, names = _text()
    index = bisect_right(starts, address) - 1
    return names[index] if index >= 0 else ""


@cache
def _text() -> tuple[list[int], list[str]]:
    lines = (line.split() for line in Path("/proc/kallsyms").read_text().splitlines())
    known = sorted((int(at, 16), name) for at, kind, name, *_ in lines if kind in "tT")
    known = [(at, name) for at, name in known if at]
    return [at for at, _ in known], [name for _, name in known]
