"""What the rules did, for the trace.

Law: a step names the rules that led to it; take one away, and the outcome or the line changes.
"""

from __future__ import annotations

from pknet.netns.netfilter.extension import Ending, Path
from pknet.netns.netfilter.rule import Rule
from pknet.trace import Step


class RulePath(Path):
    """Each rule led to the next one's chain; the last one decided."""

    __slots__ = ("rules", "table")

    def __init__(self, table: str, rules: tuple[Rule, ...]) -> None:
        self.table = table
        self.rules = rules

    def then(self, rule: Rule) -> RulePath:
        """The path that goes on with ``rule``."""
        return RulePath(self.table, (*self.rules, rule))

    @property
    def rule_text(self) -> str:
        """The last of them."""
        return self.rules[-1].save()

    def __str__(self) -> str:
        """The table and the chains; the built-in one only where it decided."""
        chains = [rule.chain for rule in self.rules]
        return f"{self.table} {' > '.join(chains[1:] or chains)}"


class RuleStep(Step):
    """A rule matched, and this is what it did."""

    __slots__ = ("detail", "ending", "hook", "path", "rewrites", "words")

    def __init__(
        self, hook: str, path: RulePath, words: str, ending: Ending, *, detail: bool,
        rewrites: bool = False,
    ) -> None:  # fmt: skip
        self.hook = hook
        self.path = path
        self.words = words
        self.ending = ending  # of a jump CONTINUE: what comes of it, its chain says
        self.detail = detail
        self.rewrites = rewrites

    @property
    def rule(self) -> Rule:
        """The rule that did it."""
        return self.path.rules[-1]

    @property
    def subjects(self) -> tuple[object, ...]:
        """The rules on the way."""
        return self.path.rules

    @property
    def rewrite(self) -> str | None:
        """The words, where they tell of new addresses."""
        return self.words if self.rewrites else None

    def __str__(self) -> str:
        return f"{self.hook} {self.path} : {self.words}"


class PolicyStep(Step):
    """No rule ended the packet: the built-in chain's policy, DROP, did."""

    __slots__ = ("chain", "hook", "table")

    def __init__(self, hook: str, table: str, chain: object) -> None:
        self.hook = hook
        self.table = table
        self.chain = chain

    @property
    def subjects(self) -> tuple[object, ...]:
        """The chain, whose policy it is."""
        return (self.chain,)

    def __str__(self) -> str:
        return f"{self.hook} {self.table} : policy DROP"
