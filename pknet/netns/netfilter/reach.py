"""Which chains a packet can come to, and how deep (Linux: nft_chain_validate)."""

from __future__ import annotations

from pknet.netns.netfilter.chain import Table
from pknet.netns.netfilter.rule import Rule

DEPTH_LIMIT = 15  # jumps within one another (Linux: NFT_JUMP_STACK_SIZE - 1)


def too_deep(table: Table) -> list[tuple[Rule, str]]:
    """The jumps that lead round in a circle or below the limit, and what is wrong with each.

    As in Linux, only chains that a built-in chain leads to are looked at.
    """
    found: dict[Rule, str] = {}
    deepest: dict[str, int] = {}
    todo: list[tuple[str, tuple[str, ...]]] = [
        (name, ()) for name, chain in table.chains.items() if chain.policy is not None
    ]
    while todo:
        name, above = todo.pop()
        if deepest.get(name, -1) >= len(above):
            continue
        deepest[name] = len(above)
        path = (*above, name)
        for rule, target in _jumps(table, name):
            if target in path:
                circle = " > ".join((*path[path.index(target) :], target))
                found.setdefault(rule, f"chains call each other in a circle: {circle}")
            elif len(path) > DEPTH_LIMIT:
                found.setdefault(rule, f"too many levels of chains (at most {DEPTH_LIMIT} jumps)")
            else:
                todo.append((target, path))
    return list(found.items())


def _jumps(table: Table, name: str) -> list[tuple[Rule, str]]:
    return [
        (rule, rule.jump)
        for rule in table.chains[name].rules
        if rule.jump is not None and rule.jump in table.chains
    ]


def hooks(table: Table) -> dict[str, frozenset[str]]:
    """For each chain, the built-in chains from which a packet can come to it."""
    found: dict[str, set[str]] = {name: set() for name in table.chains}
    for name, chain in table.chains.items():
        if chain.policy is None:
            continue
        todo = [name]
        while todo:
            current = todo.pop()
            if name not in found[current]:
                found[current].add(name)
                todo += [target for _, target in _jumps(table, current)]
    return {name: frozenset(names) for name, names in found.items()}
