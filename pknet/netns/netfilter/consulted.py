"""What a table was asked in vain: rules that did not match, chains that ended, the policy.

Law: a walk notes its packet, and the rules that matched; everything else follows from the order
of the rules, and is worked out when someone reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pknet.link.skb import Skb
from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Ending, Hotdrop, Test
from pknet.netns.netfilter.rule import Chain, Rule
from pknet.netns.netfilter.steps import RuleStep
from pknet.trace import Step

#: The chains of a table, by name.
Chains = Mapping[str, Chain]


class TableStep(Step):
    """A table was walked: by a packet of these bytes, which these rules matched.

    ``accepted``: no rule decided, and the policy of the built-in chain was ACCEPT.
    """

    __slots__ = ("_chains", "_network", "_state", "accepted", "matched", "table")
    detail = True

    def __init__(
        self, table: str, chains: Chains, state: HookState, network: bytes,
        matched: Sequence[RuleStep], accepted: bool,
    ) -> None:  # fmt: skip
        self.table = table
        self._chains = chains
        self._state = state.hook, state.indev, state.outdev
        self._network = network
        self.matched = matched
        self.accepted = accepted

    @property
    def _chain(self) -> Chain:
        return self._chains[self._state[0].name]

    def consulted(self) -> Mapping[Step, Sequence[str]]:
        """What was asked in vain before each rule that matched, and after the last one."""
        hook, indev, outdev = self._state
        state = HookState(hook, Skb.detached(self._network), indev, outdev)
        replay = _Replay(self.table, self._chains, state, self.matched)
        replay.chain(self._chain, (), "")
        return {**replay.before, self: replay.lines}

    def __str__(self) -> str:
        """The policy, where it was taken; else the rule that decided has said all."""
        name = self._chain.name
        where = f"{name} {self.table} {name}"
        rules = "" if self._chain.rules else "no rules, "
        return f"{where} : {rules}policy ACCEPT" if self.accepted else ""


class _Replay:
    """The walk again, with its answers known: ``matched`` are the steps of rules that matched."""

    def __init__(
        self, table: str, chains: Chains, state: HookState, matched: Sequence[RuleStep]
    ) -> None:
        self.table = table
        self.chains = chains
        self.state = state
        self.before: dict[Step, list[str]] = {}
        self.lines: list[str] = []  # since the last rule that matched
        self._matched = list(reversed(matched))

    def chain(self, chain: Chain, path: tuple[Rule, ...], back: str) -> Ending:
        """As the walk's own; ``back``: the chain it returns to."""
        for number, rule in enumerate(chain.rules, 1):
            step = self._next((*path, rule))
            if step is None:
                said = " or ".join(_failing(rule, self.state))
                self._say(chain, f"not rule {number}: {said}")
                continue
            ending = self._follow(step, rule, chain, back)
            if ending is not Ending.CONTINUE:
                return ending
        if back:
            empty = "" if chain.rules else "no rules, "
            self._say(chain, f"{empty}back to {back}")
        return Ending.RETURN

    def _next(self, path: tuple[Rule, ...]) -> RuleStep | None:
        """The step of the rule at the end of ``path``, if it matched."""
        if not self._matched or self._matched[-1].path.rules != path:
            return None
        step = self._matched.pop()
        self.before[step], self.lines = self.lines, []
        return step

    def _follow(self, step: RuleStep, rule: Rule, chain: Chain, back: str) -> Ending:
        if rule.jump is None:
            return step.ending
        target = self.chains[rule.jump]
        policy = f"the policy of {chain.name}"  # to which a built-in chain's goto comes back
        ending = self.chain(target, step.path.rules, (back or policy) if rule.goto else chain.name)
        returns = ending is Ending.RETURN and not rule.goto
        return Ending.CONTINUE if returns else ending

    def _say(self, chain: Chain, words: str) -> None:
        self.lines.append(f"{self.state.hook.name} {self.table} {chain.name} : {words}")


def _failing(rule: Rule, state: HookState) -> list[str]:
    """The first part of a rule that the packet's bytes and devices do not match.

    Where they match all that is asked of them, each part that asks something else.
    """
    others = []
    for words, test in _parts(rule):
        if test is None:
            others.append(words)
        elif not _holds(test, state):
            return [words]
    return others


def _parts(rule: Rule) -> Iterator[tuple[str, Test | None]]:
    """What a rule asks, with the test of what can be asked again at any time."""
    yield from rule.header.parts()
    for match in rule.matches:
        if match.name != "comment":
            test = match.again()
            yield f"-m {match.name} {match.save()}".rstrip(), test


def _holds(test: Test, state: HookState) -> bool:
    try:
        return test(state)
    except Hotdrop:
        return True
