"""CT --notrack, and NOTRACK: the packet passes untracked (Linux: net/netfilter/xt_CT.c)."""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Act, Ending, Outcome, Setting, Target
from pknet.netns.netfilter.host import Host


class Notrack(Target):
    """The older name."""

    name = "NOTRACK"
    needs_conntrack = True

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        raise ValueError(f"{self.name} takes no option {name}")

    def check(self, setting: Setting) -> None:
        if setting.table != "raw":
            raise ValueError(f"{self.name} is only valid in the raw table")

    def compile(self, host: Host) -> Act:
        def act(state: HookState, path: str) -> Outcome:
            host.untrack(state)
            return Outcome(Ending.CONTINUE, "NOTRACK")

        return act


class Ct(Notrack):
    """``--notrack`` is the one option modelled."""

    name = "CT"
    options = {"--notrack": 0}  # noqa: RUF012

    def __init__(self) -> None:
        self.notrack = False

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        self.once(inverted, allowed=False)
        self.notrack = True

    def check(self, setting: Setting) -> None:
        super().check(setting)
        if not self.notrack:
            raise ValueError("CT: only --notrack is modelled")

    def save(self) -> str:
        return "--notrack"
