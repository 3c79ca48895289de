"""REDIRECT: to this host itself (Linux: net/netfilter/nf_nat_redirect.c)."""

from __future__ import annotations

from pknet.netns.hook import Hook, HookState
from pknet.netns.netfilter.extension import Act
from pknet.netns.netfilter.host import Host, Manip, NatRange
from pknet.netns.netfilter.targets.nat import NatTarget, ports_text
from pknet.wire.address import ip_int

LOCALHOST = ip_int("127.0.0.1")


class Redirect(NatTarget):
    """``--to-ports``."""

    name = "REDIRECT"
    manip = Manip.DST
    chains = frozenset({"PREROUTING", "OUTPUT"})
    options = {"--to-ports": 1, "--random": 0}  # noqa: RUF012

    def save(self) -> str:
        words = [f"--to-ports {ports_text(self.min_port, self.max_port)}"] if self.min_port else []
        return " ".join([*words, *self.flag_words("--random")])

    def compile(self, host: Host) -> Act:
        def choose(state: HookState) -> NatRange | None:
            local = state.hook is Hook.OUTPUT
            address = LOCALHOST if local else host.redirect_address(state)
            return self.wanted(address, address) if address else None

        return self.act_with(host, choose)
