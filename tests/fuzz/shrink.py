"""The smallest topology that still differs: parts are taken away, one after the other.

Law: greedy and without chance; what comes out differs in the same kind as what went in.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from fuzz.case import Document

LIMIT = 250  # topologies tried


def shrink(document: Document, differs: Callable[[Document], bool]) -> Document:
    """Until nothing can be taken away, or LIMIT were tried."""
    left = LIMIT
    progress = True
    while progress and left:
        progress = False
        for smaller in smaller_ones(document):
            left -= 1
            if differs(smaller):
                document, progress = smaller, True
                break
            if not left:
                break
    return document


def smaller_ones(document: Document) -> Iterator[Document]:
    """The document without one part of it, large parts first."""
    for index in reversed(range(len(document["traffic"]))):
        yield _without(document, ("traffic", index))
    for node in document["nodes"]:
        yield _without_node(document, node)
    for index in range(len(document["links"])):
        yield _without_link(document, index)
    for index, link in enumerate(document["links"]):
        if isinstance(link, dict):
            yield _with_plain_link(document, index)
    yield from _smaller_nodes(document)
    for index, item in enumerate(document["traffic"]):
        for key in item:
            if key in ("payload", "size", "ttl", "df", "ipid"):
                yield _without(document, ("traffic", index, key))


def _smaller_nodes(document: Document) -> Iterator[Document]:
    for node, keys in document["nodes"].items():
        for key in keys:
            if key not in ("interfaces", "kind"):
                yield _without(document, ("nodes", node, key))
        yield from _without_rules(document, node)
        for path in _inside(keys):
            yield _without(document, ("nodes", node, *path))


def _inside(keys: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Paths to what stands in lists and mappings of a node, MACs aside."""
    for key, value in keys.items():
        if key in ("interfaces", "bridges"):
            for name, device in value.items():
                for option in device:
                    if option == "addresses" and len(device[option]) > 1:
                        yield from ((key, name, option, i) for i in range(len(device[option])))
                    if option != "mac":
                        yield key, name, option
        elif isinstance(value, dict):
            yield from ((key, name) for name in value)
        elif isinstance(value, list):
            yield from ((key, index) for index in range(len(value)))


def _without(document: Document, path: tuple[Any, ...]) -> Document:
    new = copy.deepcopy(document)
    place: Any = new
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return new


def _without_node(document: Document, node: str) -> Document:
    """And what is plugged into it, and what it sends."""
    new = _without(document, ("nodes", node))
    for index in reversed(range(len(new["links"]))):
        if any(end.split(":")[0] == node for end in _ends(new["links"][index])):
            new = _without_link(new, index)
    new["traffic"] = [i for i in new["traffic"] if i.get("from", "").split(":")[0] != node]
    return new


def _with_plain_link(document: Document, index: int) -> Document:
    new = copy.deepcopy(document)
    new["links"][index] = _ends(new["links"][index])
    return new


def _ends(link: Any) -> list[str]:
    """Of a link in either form."""
    return list(link["endpoints"] if isinstance(link, dict) else link)


def _without_link(document: Document, index: int) -> Document:
    new = copy.deepcopy(document)
    for end in _ends(new["links"].pop(index)):
        node, name = end.split(":")
        new["nodes"].get(node, {}).get("interfaces", {}).pop(name, None)
    return new


def _without_rules(document: Document, node: str) -> Iterator[Document]:
    """A table less, or a rule less."""
    text = document["nodes"][node].get("iptables", "")
    tables = text.split("COMMIT\n")[:-1]
    if len(tables) > 1:
        for table in tables:
            yield _with_rules(document, node, text.replace(f"{table}COMMIT\n", ""))
    for line in text.splitlines():
        if line.startswith(("-A", ":")):
            yield _with_rules(document, node, text.replace(f"{line}\n", "", 1))


def _with_rules(document: Document, node: str, text: str) -> Document:
    new = copy.deepcopy(document)
    new["nodes"][node]["iptables"] = text
    return new
