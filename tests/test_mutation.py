"""A trace is told by the walk: take away what a line names, and the outcome or the line changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pknet.lab.lab import Lab
from pknet.netns.namespace import Namespace
from pknet.netns.neighbour_entry import Neighbour
from pknet.netns.netfilter.rule import Rule
from pknet.netns.route import Route
from pknet.overlay.vxlan import Vxlan
from pknet.overlay.vxlan_fdb import VxlanEntry

TOPOLOGIES = sorted((Path(__file__).parent.parent / "topologies").glob("*.yaml"))
ROUTE, RULE, NEIGHBOUR, FAR_END = "route", "rule", "neighbour", "far end"

#: node, kind, index within the node's own order
Entry = tuple[str, str, int]


def told(lab: Lab) -> list[tuple[str, str, tuple[str, ...], str]]:
    """Every line: where, what was seen, what was done, how it ended."""
    return [
        (tap.hop.node, tap.interface, tuple(str(s) for s in tap.hop.steps_of(tap)),
         f"{tap.frame.wire.hex()} {tap.hop.verdict}")
        for tap in lab.trace.taps
    ]  # fmt: skip


def entries(node: Namespace) -> dict[int, Entry]:
    """Every entry of a node's tables, by identity."""
    found: dict[int, Entry] = {}
    tables: list[tuple[str, list[object]]] = [
        (ROUTE, [*node.fib.main, *node.fib.local]),
        (RULE, list(node.firewall.ruleset.rules())),
        (NEIGHBOUR, list(node.neighbours)),
        (FAR_END, far_ends(node)),
    ]
    for kind, objects in tables:
        found.update({id(each): (node.name, kind, i) for i, each in enumerate(objects)})
    return found


def far_ends(node: Namespace) -> list[object]:
    """The forwarding entries of its VXLAN devices."""
    return [entry for device in vxlans(node) for entry in device.fdb]


def vxlans(node: Namespace) -> list[Vxlan]:
    return [device for device in node.interfaces.values() if isinstance(device, Vxlan)]


def named(lab: Lab) -> set[Entry]:
    """The entries that the steps of a run name."""
    known: dict[int, Entry] = {}
    for node in lab.nodes.values():
        if isinstance(node, Namespace):
            known.update(entries(node))
    return {
        known[id(subject)]
        for hop in lab.trace.hops
        for step in hop.steps
        for subject in step.subjects
        if id(subject) in known
    }


def without(path: Path, entry: Entry) -> Lab:
    """The same Lab with one entry taken away before anything moves."""
    lab = Lab.load(path)
    name, kind, index = entry
    node = lab.nodes[name]
    assert isinstance(node, Namespace)
    target = next(e for e in _objects(node) if entries(node).get(id(e)) == (name, kind, index))
    if isinstance(target, Route):
        table = node.fib.main if target in list(node.fib.main) else node.fib.local
        table.remove(target)
    elif isinstance(target, Rule):
        for one in node.firewall.ruleset.tables.values():
            for chain in one.chains.values():
                if target in chain.rules:
                    chain.rules.remove(target)
    elif isinstance(target, VxlanEntry):
        for device in vxlans(node):
            if target in device.fdb:
                device.fdb.remove(target)
    else:
        assert isinstance(target, Neighbour)
        node.neighbours.remove(target)
    return lab


def _objects(node: Namespace) -> list[object]:
    return [*node.fib.main, *node.fib.local, *node.firewall.ruleset.rules(), *node.neighbours,
            *far_ends(node)]  # fmt: skip


@pytest.mark.parametrize("path", TOPOLOGIES, ids=lambda path: path.stem)
def test_every_entry_that_a_line_names_matters(path):
    whole = Lab.load(path)
    whole.run()
    lines = told(whole)
    mutants = sorted(named(whole))
    assert mutants
    for entry in mutants:
        mutant = without(path, entry)
        mutant.run()
        assert told(mutant) != lines, f"{entry} is named, and does not matter"
