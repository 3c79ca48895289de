"""ACCEPT, DROP and RETURN."""

from __future__ import annotations

from pknet.netns.netfilter.extension import Act, Ending, Outcome, Target
from pknet.netns.netfilter.host import Host
from pknet.trace import Dropped, DropReason


class Plain(Target):
    """A target that takes no options."""

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        raise ValueError(f"{self.name} takes no option {name}")


class Accept(Plain):
    """The table lets the packet go on."""

    name = "ACCEPT"

    def compile(self, host: Host) -> Act:
        outcome = Outcome(Ending.ACCEPT, "ACCEPT")
        return lambda state, path: outcome


class Drop(Plain):
    """The packet ends here, in silence."""

    name = "DROP"

    def compile(self, host: Host) -> Act:
        def act(state: object, path: str) -> Outcome:
            dropped = Dropped(DropReason.NETFILTER_DROP, f"DROP by {path}")
            return Outcome(Ending.ACCEPT, "DROP", dropped)

        return act


class Return(Plain):
    """Back to the chain that called, or to the policy."""

    name = "RETURN"

    def compile(self, host: Host) -> Act:
        outcome = Outcome(Ending.RETURN, "RETURN")
        return lambda state, path: outcome
