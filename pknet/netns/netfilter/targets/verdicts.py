"""ACCEPT, DROP and RETURN. They take no options."""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Act, Ending, Outcome, Path, Setting, Target
from pknet.netns.netfilter.host import Host
from pknet.trace import Dropped, DropReason


class Accept(Target):
    """The table lets the packet go on."""

    name = "ACCEPT"

    def compile(self, host: Host) -> Act:
        outcome = Outcome(Ending.STOP, "ACCEPT")
        return lambda state, path: outcome


class Drop(Target):
    """The packet ends here, in silence."""

    name = "DROP"

    def check(self, setting: Setting) -> None:
        if setting.table == "nat":
            raise ValueError("the nat table is not for filtering: no DROP there")

    def compile(self, host: Host) -> Act:
        def act(state: HookState, path: Path) -> Outcome:
            dropped = Dropped(DropReason.NETFILTER_DROP, f"DROP by {path}: {path.rule_text}")
            return Outcome(Ending.STOP, "DROP", dropped)

        return act


class Return(Target):
    """Back to the chain that called, or to the policy."""

    name = "RETURN"

    def compile(self, host: Host) -> Act:
        outcome = Outcome(Ending.RETURN, "RETURN")
        return lambda state, path: outcome
