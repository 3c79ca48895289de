"""Chains and tables, and the walk through them (Linux: ipt_do_table).

Law: every walk ends: chains that call each other in a circle, or too deep, are refused when they
are loaded.

    rule matches -> counted -> no target: the next rule
                               jump: that chain, and back      goto: that chain, back to our caller
                               CONTINUE: the next rule         RETURN: back to our caller
                               STOP: the table is done
    end of a chain of the user's own: back to the caller       of a built-in one: its policy
"""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.consulted import TableStep
from pknet.netns.netfilter.extension import Ending, Hotdrop
from pknet.netns.netfilter.rule import Chain, Rule
from pknet.netns.netfilter.steps import PolicyStep, RulePath, RuleStep
from pknet.trace import Dropped, DropReason, Verdict

#: Built-in chains of each table, in iptables-save's order.
BUILT_IN: dict[str, tuple[str, ...]] = {
    "raw": ("PREROUTING", "OUTPUT"),
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
}


class Table:
    """One table's chains, built-in ones first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.chains: dict[str, Chain] = {c: Chain(c, "ACCEPT") for c in BUILT_IN[name]}

    def copy(self) -> Table:
        """Chains of its own, with the same rules in them."""
        table = Table(self.name)
        table.chains = {
            name: Chain(name, c.policy, c.packets, c.bytes, list(c.rules))
            for name, c in self.chains.items()
        }
        return table

    def user_chains(self) -> list[Chain]:
        """Alphabetically, as iptables-save prints them."""
        return sorted((c for c in self.chains.values() if c.policy is None), key=lambda c: c.name)

    def walk(self, state: HookState) -> Verdict | None:
        """Pass the packet through the built-in chain of the hook; None: it is accepted."""
        chain = self.chains[state.hook.name]
        walk = _Walk(self, state)
        try:
            ending = walk.chain(chain, RulePath(self.name, ()))
        except Hotdrop as cut:
            return Dropped(DropReason.NETFILTER_DROP, f"{self.name} {chain.name} dropped it: {cut}")
        decided = ending is Ending.STOP
        accepted = not decided and chain.policy == "ACCEPT"
        state.skb.hop.step(
            TableStep(self.name, self.chains, state, walk.network, walk.matched, accepted)
        )
        return walk.verdict if decided else self._policy(chain, state)

    def _policy(self, chain: Chain, state: HookState) -> Verdict | None:
        chain.packets += 1
        chain.bytes += state.skb.ip.length
        if chain.policy == "ACCEPT":
            return None
        state.skb.hop.step(PolicyStep(state.hook.name, self.name, chain))
        text = f"policy DROP of {self.name} {chain.name}"
        return Dropped(DropReason.NETFILTER_DROP, text)


class _Walk:
    """One packet's way through one table. ``verdict`` counts once a chain has said STOP."""

    __slots__ = ("dst", "length", "matched", "network", "src", "state", "table", "verdict")

    def __init__(self, table: Table, state: HookState) -> None:
        self.table = table
        self.state = state
        header = state.skb.ip
        self.src, self.dst, self.length = header.src, header.dst, header.length
        self.network = state.skb.network  # before any rule changed it
        self.matched: list[RuleStep] = []
        self.verdict: Verdict | None = None

    def chain(self, chain: Chain, path: RulePath) -> Ending:
        """STOP, or RETURN to whoever called."""
        state, src, dst = self.state, self.src, self.dst
        for rule in chain.rules:
            if dst & rule.destination_mask != rule.destination:
                continue
            if src & rule.source_mask != rule.source:
                continue
            for test in rule.tests:
                if not test(state):
                    break
            else:
                rule.packets += 1
                rule.bytes += self.length
                ending = self._follow(rule, path)
                if ending is not Ending.CONTINUE:
                    return ending
        return Ending.RETURN

    def _follow(self, rule: Rule, path: RulePath) -> Ending:
        """Do what a rule that matched says."""
        if rule.jump is not None:
            return self._jump(rule, rule.jump, path.then(rule))
        path = path.then(rule)
        if rule.act is None:
            self._step(path, "matches, and has no target", Ending.CONTINUE, detail=True)
            return Ending.CONTINUE
        outcome = rule.act(self.state, path)
        quiet = outcome.verdict is None and not outcome.rewrites
        self._step(path, outcome.words, outcome.ending, detail=quiet, rewrites=outcome.rewrites)
        self.verdict = outcome.verdict
        return outcome.ending

    def _jump(self, rule: Rule, target: str, path: RulePath) -> Ending:
        words = f"goto {target}" if rule.goto else f"jump {target}"
        self._step(path, words, Ending.CONTINUE, detail=True)
        ending = self.chain(self.table.chains[target], path)
        if ending is Ending.RETURN and not rule.goto:
            return Ending.CONTINUE
        return ending

    def _step(
        self, path: RulePath, words: str, ending: Ending, *, detail: bool, rewrites: bool = False
    ) -> None:
        step = RuleStep(self.state.hook.name, path, words, ending, detail=detail, rewrites=rewrites)
        self.matched.append(step)
        self.state.skb.hop.step(step)
