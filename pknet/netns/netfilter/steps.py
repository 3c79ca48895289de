"""What the rules did, for the trace.

Law: a step names the rules that led to it; take one away, and the outcome or the line changes.
"""

from __future__ import annotations

from pknet.netns.netfilter.rule import Rule
from pknet.trace import Step


class RuleStep(Step):
    """A rule matched. ``path`` are the rules that jumped there, it the last."""

    __slots__ = ("changes", "detail", "hook", "path", "table", "words")

    def __init__(
        self, hook: str, table: str, path: tuple[Rule, ...], words: str, *,
        detail: bool, changes: bool
    ) -> None:  # fmt: skip
        self.hook = hook
        self.table = table
        self.path = path
        self.words = words
        self.detail = detail
        self.changes = changes

    @property
    def subjects(self) -> tuple[object, ...]:
        return self.path

    @property
    def rewrite(self) -> str | None:
        return self.words if self.changes else None

    def __str__(self) -> str:
        return f"{self.hook} {self.table} {chain_path(self.path)} : {self.words}"


class PolicyStep(Step):
    """No rule ended the packet: the chain's policy did."""

    __slots__ = ("hook", "policy", "table")
    detail = True

    def __init__(self, hook: str, table: str, policy: str) -> None:
        self.hook = hook
        self.table = table
        self.policy = policy

    def __str__(self) -> str:
        return f"{self.hook} {self.table} : policy {self.policy}"


def chain_path(path: tuple[Rule, ...]) -> str:
    """The chains walked, without the built-in one that the hook names already."""
    chains = [rule.chain for rule in path]
    return " > ".join(chains[1:] or chains)
