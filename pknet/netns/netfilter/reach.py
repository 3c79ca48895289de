"""Which chains can be reached from which, and circles (Linux: mark_source_chains)."""

from __future__ import annotations

from pknet.netns.netfilter.chain import Table
from pknet.netns.netfilter.rule import Rule


def loop(table: Table) -> list[Rule]:
    """The rules of a circle of jumps, in order; empty where there is none."""
    done: set[str] = set()
    for name in table.chains:
        stack = [(name, iter(_jumps(table, name)))]
        path: list[Rule] = []
        while stack:
            current, jumps = stack[-1]
            rule = next(jumps, None)
            if rule is None:
                done.add(current)
                stack.pop()
                if path:
                    path.pop()
                continue
            target = rule.jump or ""
            if target in done or target not in table.chains:
                continue
            path.append(rule)
            names = [entry[0] for entry in stack]
            if target in names:
                return path[names.index(target) :]
            stack.append((target, iter(_jumps(table, target))))
    return []


def _jumps(table: Table, name: str) -> list[Rule]:
    return [rule for rule in table.chains[name].rules if rule.jump is not None]


def hooks(table: Table) -> dict[str, frozenset[str]]:
    """For each chain, the built-in chains from which a packet can come to it."""
    found: dict[str, set[str]] = {name: set() for name in table.chains}
    for name, chain in table.chains.items():
        if chain.policy is None:
            continue
        todo = [name]
        while todo:
            current = todo.pop()
            if name in found[current]:
                continue
            found[current].add(name)
            todo += [r.jump for r in _jumps(table, current) if r.jump in table.chains]
    return {name: frozenset(names) for name, names in found.items()}
