"""iptables and ipset text: in the file itself, or beside it.

Law: a fault in a rule is reported at the rule's own line, wherever the text stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from yaml.nodes import ScalarNode

from pknet.topology.document import FileError, read_file
from pknet.topology.fault import shown
from pknet.topology.place import Place
from pknet.topology.value import Value


@dataclass(frozen=True, slots=True)
class RulesText:
    """``first`` is where the text's first line begins; None: there is none.

    ``exact``: its lines are lines of that file, each ``first.column - 1`` to the right.
    """

    text: str = ""
    first: Place | None = None
    exact: bool = True

    def place(self, line: int, column: int) -> Place:
        """Where line and column (from 1) of the text are; without exactness, where it begins."""
        assert self.first is not None
        if not self.exact:
            return self.first
        before = self.first.column - 1
        return Place(self.first.file, self.first.line + line - 1, before + column)


class RulesReader:
    """Reads ``iptables`` and ``ipset``; ``folder`` is the topology's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, value: Value) -> RulesText | None:
        """Text, or ``{file: NAME}``."""
        if value.empty:
            return RulesText()
        if isinstance(value.node, ScalarNode):
            return _inline(value, value.node)
        beside = value.only("file", "rules as text, or {file: NAME}")
        return self._beside(beside) if beside is not None else None

    def _beside(self, value: Value) -> RulesText | None:
        name = value.text()
        if name is None:
            return None
        path = self.folder / name
        try:
            return RulesText(read_file(path), Place(str(path), 1, 1))
        except FileError as error:
            value.fault(f"the file {shown(str(path))} {error}")
            return None


def _inline(value: Value, node: ScalarNode) -> RulesText:
    """In a block scalar (``|``) a line of the text is a line of the file."""
    text = str(node.value)
    place = value.place
    if node.style != "|":
        return RulesText(text, place, exact="\n" not in text.strip())
    indent = 0
    lines = value.source.lines[place.line :]
    for in_file, in_text in zip(lines, text.split("\n"), strict=False):
        if in_text.strip():
            indent = len(in_file.rstrip("\r")) - len(in_text)
            break
    return RulesText(text, Place(place.file, place.line + 1, max(indent, 0) + 1))
