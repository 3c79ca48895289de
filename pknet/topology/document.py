"""YAML text -> a tree of nodes with their places.

Law: a file from a stranger executes nothing and exhausts nothing: regular files only, no tags,
and limits on bytes, depth and number, aliases counted as often as they are used.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import yaml
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from pknet.topology.fault import Fault, TopologyError
from pknet.topology.place import Place

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 32
MAX_NODES = 1_000_000

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class FileError(Exception):
    """A file that is not to be used; the text says why."""


def read_file(path: Path) -> str:
    """The text of a regular file, UTF-8, of at most MAX_BYTES. Raises FileError.

    It is opened so that neither a pipe nor a device can hold the reader up.
    """
    try:
        return _read_regular(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(f"is not UTF-8 text: byte {error.start}") from None
    except OSError as error:
        raise FileError(f"cannot be read: {error.strerror}") from None
    except ValueError as error:  # a NUL in the name
        raise FileError(f"cannot be read: {error}") from None


def _read_regular(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    parts = []
    left = MAX_BYTES + 1
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise FileError("is a folder" if stat.S_ISDIR(mode) else "is no regular file")
        while left and (part := os.read(descriptor, left)):
            parts.append(part)
            left -= len(part)
    finally:
        os.close(descriptor)
    if not left:
        raise FileError(f"is larger than {MAX_BYTES >> 20} MiB")
    return b"".join(parts)


def place_of(node: Node, file: str) -> Place:
    """Where ``node`` begins."""
    return Place(file, node.start_mark.line + 1, node.start_mark.column + 1)


def compose(text: str, file: str) -> MappingNode:
    """The tree of one document. Raises TopologyError: no YAML, no mapping, too large."""
    start = Place(file, 1, 1)
    try:
        _check_events(text, file)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise TopologyError([_yaml_fault(error, text, file)]) from None
    except UnicodeEncodeError as error:
        raise TopologyError([Fault(start, "", f"this is no YAML: {error.reason}")]) from None
    if not isinstance(root, MappingNode):
        found = "an empty file" if root is None else kind_of(root)
        wanted = "a topology is a mapping with name, nodes, links, traffic"
        raise TopologyError([Fault(start, "", f"{wanted}; this is {found}")])
    _check_size(root, file)
    return root


def _check_events(text: str, file: str) -> None:
    """Refuse, before any tree is built, what could build something else than a small tree."""
    depth = count = 0
    for event in yaml.parse(text, Loader=_Loader):
        assert event.start_mark is not None
        place = Place(file, event.start_mark.line + 1, event.start_mark.column + 1)
        tag = getattr(event, "tag", None)
        if tag is not None:
            message = f"the tag {tag!r} is not allowed, nor is any other"
            raise TopologyError([Fault(place, "", message)])
        count += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise TopologyError([Fault(place, "", f"nested more than {MAX_DEPTH} deep")])
        if count > MAX_NODES:
            raise TopologyError([Fault(place, "", f"more than {MAX_NODES} values")])


def _check_size(root: Node, file: str) -> None:
    """Count and measure the tree as its readers will see it: an alias is all that it stands for."""
    sizes: dict[Node, tuple[int, int]] = {}

    def size(node: Node) -> tuple[int, int]:
        """Values and depth of ``node``; each once, as an alias is the very same node."""
        if not isinstance(node, CollectionNode):
            return 1, 0
        if node not in sizes:
            sizes[node] = (MAX_NODES, MAX_DEPTH)  # what an alias inside its own anchor comes to
            children = [size(child) for child in _children(node)]
            values = 1 + sum(each for each, _ in children)
            sizes[node] = (values, 1 + max((depth for _, depth in children), default=0))
        return sizes[node]

    values, depth = size(root)
    if values > MAX_NODES or depth > MAX_DEPTH:
        message = f"with its aliases: more than {MAX_NODES} values, or {MAX_DEPTH} deep"
        raise TopologyError([Fault(Place(file, 1, 1), "", message)])


def _children(node: CollectionNode) -> list[Node]:
    if isinstance(node, MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value)


def _yaml_fault(error: yaml.YAMLError, text: str, file: str) -> Fault:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = Place(file, mark.line + 1, mark.column + 1) if mark else _position(error, text, file)
    problem = getattr(error, "problem", None) or getattr(error, "reason", "")
    if "single document" in (getattr(error, "context", None) or ""):
        return Fault(place, "", "a second document begins: a topology is one document")
    words = ", ".join(filter(None, (getattr(error, "context", None), problem)))
    return Fault(place, "", f"this is no YAML: {words or 'it cannot be read'}{_tab(mark, text)}")


def _tab(mark: yaml.Mark | None, text: str) -> str:
    line = text.split("\n")[mark.line : mark.line + 1] if mark else []
    tab = mark is not None and line and line[0][mark.column : mark.column + 1] == "\t"
    return "; this is a tab: indent with spaces" if tab else ""


def _position(error: yaml.YAMLError, text: str, file: str) -> Place:
    before = text[: getattr(error, "position", 0) or 0].split("\n")
    return Place(file, len(before), len(before[-1]) + 1)


def kind_of(node: Node) -> str:
    """What a person would call it: ``text 'three'``, ``number 3``, ``a list``."""
    if isinstance(node, ScalarNode):
        kind = _KINDS.get(node.tag.rpartition(":")[2], "text")
        return kind if kind == "nothing" else f"{kind} {node.value[:40]!r}"
    return "a mapping" if isinstance(node, MappingNode) else "a list"


_KINDS = {"bool": "truth value", "int": "number", "float": "fraction", "null": "nothing"}
