"""Options in iproute2's style: a word and its values, or a word that stands alone.

Law: a word that is not understood is an error that names it; none is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pknet.topology.fault import listed, near, shown


def options(
    words: Sequence[str], known: Mapping[str, int], synonyms: Mapping[str, str] | None = None
) -> dict[str, list[str]]:
    """Each option's values; ``known`` says how many it takes. Raises ValueError in words."""
    found: dict[str, list[str]] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name = (synonyms or {}).get(word, word)
        if name not in known:
            raise ValueError(
                f"unknown word {shown(word)}{near(word, known)}; allowed: {listed(known)}"
            )
        if name in found:
            raise ValueError(f"{name!r} stands here twice")
        values, rest = rest[: known[name]], rest[known[name] :]
        if len(values) < known[name]:
            raise ValueError(f"{name!r} needs {_count(known[name])} after it")
        found[name] = values
    return found


def _count(number: int) -> str:
    return "a value" if number == 1 else f"{number} values"


def number(found: Mapping[str, list[str]], name: str, low: int, high: int) -> int | None:
    """The one value of ``name``; None where it is not given. Raises ValueError in words."""
    if name not in found:
        return None
    return in_range(name, found[name][0], low, high)


def in_range(name: str, word: str, low: int, high: int, base: int = 0) -> int:
    """``word`` as a number, decimal or 0x… where ``base`` is 0; raises ValueError in words."""
    try:
        value = int(word, base) if word.isascii() and word.isalnum() else low - 1
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise ValueError(f"{name} {shown(word)} is out of range; allowed: {low} to {high}")
    return value


def switch(found: Mapping[str, list[str]], name: str, default: bool) -> bool:
    """``learning`` or ``nolearning``. Raises ValueError where both are said."""
    if name in found and f"no{name}" in found:
        raise ValueError(f"{name!r} and 'no{name}' contradict each other")
    return name in found or (default and f"no{name}" not in found)
