"""YAML text -> a tree of nodes with their places.

Law: a file from a stranger executes nothing and exhausts nothing: no tags, no aliases, limits
on size, depth and number.
"""

from __future__ import annotations

from pathlib import Path

import yaml
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from pknet.topology.fault import Fault, TopologyError
from pknet.topology.spec import Place

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 32
MAX_NODES = 1_000_000

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_file(path: Path, place: Place, what: str) -> str:
    """The text of a regular file. Raises TopologyError at ``place``."""
    try:
        if not path.exists():
            raise TopologyError([Fault(place, "", f"{what} {str(path)!r} is not there")])
        if not path.is_file():
            raise TopologyError([Fault(place, "", f"{what} {str(path)!r} is no regular file")])
        if path.stat().st_size > MAX_BYTES:
            raise TopologyError([Fault(place, "", f"{what} {str(path)!r} is over 16 MiB")])
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        text = f"{what} {str(path)!r} is not UTF-8 text (byte {error.start})"
        raise TopologyError([Fault(place, "", text)]) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        text = f"{what} {str(path)!r} cannot be read: {reason}"
        raise TopologyError([Fault(place, "", text)]) from None


def place_of(node: Node, file: str) -> Place:
    """Where ``node`` begins."""
    return Place(file, node.start_mark.line + 1, node.start_mark.column + 1)


def compose(text: str, file: str) -> MappingNode:
    """The tree of one document. Raises TopologyError: no YAML, no mapping, too large."""
    start = Place(file, 1, 1)
    if len(text) > MAX_BYTES:
        raise TopologyError([Fault(start, "", "the file is over 16 MiB")])
    try:
        _check_events(text, file)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise TopologyError([_yaml_fault(error, file)]) from None
    except ValueError as error:
        raise TopologyError([Fault(start, "", f"this is no YAML: {error}")]) from None
    if not isinstance(root, MappingNode):
        found = "nothing" if root is None else root.tag.rpartition(":")[2]
        text = f"a topology is a mapping with name, nodes, links, traffic; this is {found}"
        raise TopologyError([Fault(start, "", text)])
    return root


def _check_events(text: str, file: str) -> None:
    """Refuse, before any tree is built, what could make it huge or do something."""
    depth = count = 0
    for event in yaml.parse(text, Loader=_Loader):
        place = Place(file, event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise TopologyError([Fault(place, "", "anchors and aliases are not allowed")])
        tag = getattr(event, "tag", None)
        if tag is not None and isinstance(event, yaml.NodeEvent) and tag != "!":
            raise TopologyError([Fault(place, "", f"the tag {tag} is not allowed")])
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        count += 1
        if depth > MAX_DEPTH or count > MAX_NODES:
            raise TopologyError([Fault(place, "", "nested too deep, or too many values")])


def _yaml_fault(error: yaml.YAMLError, file: str) -> Fault:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    context = getattr(error, "context", None)
    return Fault(place, "", f"this is no YAML: {f'{context}, ' if context else ''}{problem}")


def kind_of(node: Node) -> str:
    """What a person would call it: ``mapping``, ``list``, ``str 'three'``, ``int 3``."""
    if isinstance(node, ScalarNode):
        kind = {"bool": "bool", "int": "int", "float": "float", "null": "nothing"}.get(
            node.tag.rpartition(":")[2], "str"
        )
        return kind if kind == "nothing" else f"{kind} {node.value[:40]!r}"
    assert isinstance(node, CollectionNode)
    return "a mapping" if isinstance(node, MappingNode) else "a list"
