"""REJECT (Linux: net/ipv4/netfilter/ipt_REJECT.c)."""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Act, Ending, Outcome, Setting, Target
from pknet.netns.netfilter.host import Host
from pknet.trace import Dropped, DropReason

#: Word to the code of ICMP 3; a TCP reset has none.
KINDS: dict[str, int | None] = {
    "icmp-net-unreachable": 0, "icmp-host-unreachable": 1, "icmp-proto-unreachable": 2,
    "icmp-port-unreachable": 3, "icmp-net-prohibited": 9, "icmp-host-prohibited": 10,
    "icmp-admin-prohibited": 13, "tcp-reset": None,
}  # fmt: skip
_ALIASES = {
    "net-unreach": "icmp-net-unreachable", "host-unreach": "icmp-host-unreachable",
    "proto-unreach": "icmp-proto-unreachable", "port-unreach": "icmp-port-unreachable",
    "net-prohib": "icmp-net-prohibited", "host-prohib": "icmp-host-prohibited",
    "admin-prohib": "icmp-admin-prohibited", "tcp-rst": "tcp-reset",
}  # fmt: skip
_KINDS6 = (
    "icmp6-no-route", "icmp6-adm-prohibited", "icmp6-addr-unreachable", "icmp6-port-unreachable",
    "icmp6-policy-fail", "icmp6-reject-route", "tcp-reset",
)  # fmt: skip


class Reject(Target):
    """Drops, and says so to the sender."""

    name = "REJECT"
    options = {"--reject-with": 1}  # noqa: RUF012

    def __init__(self) -> None:
        self.kind = ""

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        self.once(inverted, allowed=False)
        kind = _ALIASES.get(values[0], values[0])
        if kind not in KINDS and kind not in _KINDS6:
            raise ValueError(f"unknown reject type {values[0]!r}; allowed: {', '.join(KINDS)}")
        self.kind = kind

    def check(self, setting: Setting) -> None:
        default = "icmp-port-unreachable" if setting.family == 4 else "icmp6-port-unreachable"
        self.kind = self.kind or default
        if self.kind not in (KINDS if setting.family == 4 else _KINDS6):
            raise ValueError(f"{self.kind} is of the other address family")
        if self.kind == "tcp-reset" and (setting.protocol != 6 or setting.protocol_inverted):
            raise ValueError("--reject-with tcp-reset needs -p tcp")
        if setting.table != "filter":
            raise ValueError("REJECT is only valid in the filter table")

    def save(self) -> str:
        return f"--reject-with {self.kind}"

    def compile(self, host: Host) -> Act:
        kind = self.kind

        def act(state: HookState, path: str) -> Outcome:
            words = host.reject(state, kind)
            dropped = Dropped(DropReason.NETFILTER_DROP, f"REJECT by {path}; {words}")
            return Outcome(Ending.ACCEPT, f"REJECT {kind}", dropped)

        return act
