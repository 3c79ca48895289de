"""CT --notrack, and NOTRACK: the packet passes untracked (Linux: net/netfilter/xt_CT.c).

Law: a rule against tracking does not switch it on.
"""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import (
    Act,
    Ending,
    Option,
    Outcome,
    Path,
    Setting,
    Target,
)
from pknet.netns.netfilter.host import Host


class Notrack(Target):
    """The older name; it takes no option."""

    name = "NOTRACK"

    def check(self, setting: Setting) -> None:
        if setting.table != "raw":
            raise ValueError(f"{self.name} is only valid in the raw table")

    def compile(self, host: Host) -> Act:
        outcome = Outcome(Ending.CONTINUE, "NOTRACK")

        def act(state: HookState, path: Path) -> Outcome:
            host.untrack(state)
            return outcome

        return act


class Ct(Notrack):
    """``--notrack`` is the one option modelled."""

    name = "CT"
    options = {"--notrack": Option(words=0, required=True)}

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        """There is nothing to keep."""

    def save(self) -> str:
        return "--notrack"
