"""REJECT (Linux: net/ipv4/netfilter/ipt_REJECT.c, net/ipv6/netfilter/ip6t_REJECT.c)."""

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
from pknet.netns.netfilter.faults import near
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.protocols import TCP
from pknet.trace import Dropped, DropReason

RESET = "tcp-reset"
#: Word to the code of ICMP 3; a TCP reset has none.
KINDS: dict[str, int | None] = {
    "icmp-net-unreachable": 0, "icmp-host-unreachable": 1, "icmp-proto-unreachable": 2,
    "icmp-port-unreachable": 3, "icmp-net-prohibited": 9, "icmp-host-prohibited": 10,
    "icmp-admin-prohibited": 13, RESET: None,
}  # fmt: skip
_WORDS = {
    4: {
        **{kind: kind for kind in KINDS}, "net-unreach": "icmp-net-unreachable",
        "host-unreach": "icmp-host-unreachable", "proto-unreach": "icmp-proto-unreachable",
        "port-unreach": "icmp-port-unreachable", "net-prohib": "icmp-net-prohibited",
        "host-prohib": "icmp-host-prohibited", "admin-prohib": "icmp-admin-prohibited",
        "tcp-rst": RESET,
    },
    6: {
        word: kind
        for kind, alias in (
            ("icmp6-no-route", "no-route"), ("icmp6-adm-prohibited", "adm-prohibited"),
            ("icmp6-addr-unreachable", "addr-unreach"), (RESET, RESET),
            ("icmp6-port-unreachable", "port-unreach"), ("icmp6-policy-fail", "policy-fail"),
            ("icmp6-reject-route", "reject-route"),
        )
        for word in (kind, alias)
    },
}  # fmt: skip
_DEFAULT = {4: "icmp-port-unreachable", 6: "icmp6-port-unreachable"}


class Reject(Target):
    """Drops, and says so to the sender."""

    name = "REJECT"
    options = {"--reject-with": Option()}

    def __init__(self, family: int) -> None:
        super().__init__(family)
        self.kind = _DEFAULT[family]

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        known = _WORDS[self.family]
        if values[0] not in known:
            hint = near(values[0], known)
            allowed = ", ".join(dict.fromkeys(known.values()))
            raise ValueError(f"unknown reject type {values[0]!r}{hint}; allowed: {allowed}")
        self.kind = known[values[0]]

    def check(self, setting: Setting) -> None:
        if setting.table != "filter":
            raise ValueError("REJECT is only valid in the filter table")
        if self.kind == RESET and (setting.protocol != TCP or setting.protocol_inverted):
            raise ValueError("--reject-with tcp-reset needs -p tcp")

    def save(self) -> str:
        return f"--reject-with {self.kind}"

    def compile(self, host: Host) -> Act:
        kind = self.kind

        def act(state: HookState, path: Path) -> Outcome:
            words = host.reject(state, kind)
            dropped = Dropped(
                DropReason.NETFILTER_DROP, f"REJECT by {path}: {path.rule_text}; {words}"
            )
            return Outcome(Ending.STOP, f"REJECT {kind}", dropped)

        return act
