"""Chains and tables, and the walk through them (Linux: ipt_do_table).

Law: every walk ends: chains that call themselves are refused when they are loaded, and depth
has a limit.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Ending
from pknet.netns.netfilter.rule import Rule
from pknet.netns.netfilter.steps import PolicyStep, RuleStep, chain_path
from pknet.trace import Dropped, DropReason, Verdict

#: Built-in chains of each table, in iptables-save's order.
BUILT_IN: dict[str, tuple[str, ...]] = {
    "raw": ("PREROUTING", "OUTPUT"),
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
}


@dataclass(eq=False, slots=True)
class Chain:
    """Rules in order. ``policy`` None: a chain of the user's own."""

    name: str
    policy: str | None = None
    packets: int = 0
    bytes: int = 0
    rules: list[Rule] = field(default_factory=list)


class Table:
    """One table's chains, built-in ones first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.chains: dict[str, Chain] = {c: Chain(c, "ACCEPT") for c in BUILT_IN[name]}

    def user_chains(self) -> list[Chain]:
        """Alphabetically, as iptables-save prints them."""
        return sorted((c for c in self.chains.values() if c.policy is None), key=lambda c: c.name)

    def walk(self, state: HookState) -> Verdict | None:
        """Pass the packet through the built-in chain of the hook; None: it is accepted."""
        chain = self.chains[state.hook.name]
        walk = _Walk(self, state)
        ending = walk.chain(chain, ())
        if ending is None:
            return self._policy(chain, state)
        return walk.verdict

    def _policy(self, chain: Chain, state: HookState) -> Verdict | None:
        chain.packets += 1
        chain.bytes += state.skb.ip.length
        state.skb.hop.step(PolicyStep(state.hook.name, self.name, chain.policy or ""))
        if chain.policy == "DROP":
            text = f"policy DROP of {self.name} {chain.name}"
            return Dropped(DropReason.NETFILTER_DROP, text)
        return None


class _Walk:
    """One packet's way through one table."""

    __slots__ = ("length", "state", "table", "verdict")

    def __init__(self, table: Table, state: HookState) -> None:
        self.table = table
        self.state = state
        self.length = state.skb.ip.length
        self.verdict: Verdict | None = None

    def chain(self, chain: Chain, path: tuple[Rule, ...]) -> Ending | None:
        """ACCEPT: the walk is over (``verdict`` says how). None: back to who called."""
        state, length = self.state, self.length
        for rule in chain.rules:
            for test in rule.tests:
                if not test(state):
                    break
            else:
                rule.packets += 1
                rule.bytes += length
                ending = self._follow(rule, (*path, rule))
                if ending is Ending.ACCEPT:
                    return ending
                if ending is Ending.RETURN:
                    return None
        return None

    def _follow(self, rule: Rule, path: tuple[Rule, ...]) -> Ending:
        """Do what a rule that matched says."""
        if rule.jump is not None:
            self._step(path, f"{'goto' if rule.goto else 'jump'} {rule.jump}", detail=True)
            ending = self.chain(self.table.chains[rule.jump], path)
            if ending is None:
                return Ending.RETURN if rule.goto else Ending.CONTINUE
            return ending
        if rule.act is None:
            return Ending.CONTINUE
        outcome = rule.act(self.state, f"{self.table.name} {chain_path(path)}")
        self._step(path, outcome.words, outcome.verdict is None and not outcome.rewrite,
                   outcome.rewrite)  # fmt: skip
        self.verdict = outcome.verdict
        return outcome.ending

    def _step(
        self, path: tuple[Rule, ...], words: str, detail: bool, changes: bool = False
    ) -> None:
        state = self.state
        state.skb.hop.step(
            RuleStep(state.hook.name, self.table.name, path, words, detail=detail, changes=changes)
        )
