"""A line of rules text, split as iptables-restore splits it.

Law: what is quoted on the way out reads back as the same text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from pknet.netns.netfilter.faults import LineError

_BARE = re.compile(r'[^ \t"]+(?![^ \t])')  # a whole word without a quote in it
_PLAIN = frozenset("_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


class Word(NamedTuple):
    """A word and the column at which it begins, from 1."""

    text: str
    column: int
    quoted: bool = False

    @property
    def is_not(self) -> bool:
        """The ``!`` that inverts what follows."""
        return self.text == "!" and not self.quoted


def split(line: str) -> list[Word]:
    """The words of ``line``. Raises LineError on a quote that does not end."""
    return list(_words(line))


def _words(line: str) -> Iterator[Word]:
    at = 0
    while at < len(line):
        if line[at] in " \t":
            at += 1
            continue
        bare = _BARE.match(line, at)
        text, end, quoted = (bare[0], bare.end(), False) if bare else _word(line, at)
        yield Word(text, at + 1, quoted)
        at = end


def _word(line: str, start: int) -> tuple[str, int, bool]:
    """A word with quotes in it; there a backslash takes the next character as it is."""
    out: list[str] = []
    inside = quoted = False
    at = start
    while at < len(line) and (inside or line[at] not in " \t"):
        char = line[at]
        if char == '"':
            inside, quoted = not inside, True
        elif char == "\\" and inside and at + 1 < len(line):
            at += 1
            out.append(line[at])
        else:
            out.append(char)
        at += 1
    if inside:
        raise LineError(start + 1, "a quote does not end")
    return "".join(out), at, quoted


def saved(text: str) -> str:
    """``text`` as iptables-save writes it (xtables_save_string)."""
    if text and all(char in _PLAIN for char in text):
        return text
    return '"' + "".join("\\" + c if c in "\"\\'" else c for c in text) + '"'
