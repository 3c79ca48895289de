"""MASQUERADE: the source becomes the address of the way out (Linux: nf_nat_masquerade.c)."""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Act
from pknet.netns.netfilter.host import Bound, Host, Manip, NatRange
from pknet.netns.netfilter.targets.nat import NatTarget, ports_text


class Masquerade(NatTarget):
    """``--to-ports`` and how to choose among them."""

    name = "MASQUERADE"
    manip = Manip.SRC
    chains = frozenset({"POSTROUTING"})
    options = {"--to-ports": 1, "--random": 0, "--random-fully": 0}  # noqa: RUF012

    def save(self) -> str:
        words = [f"--to-ports {ports_text(self.min_port, self.max_port)}"] if self.min_port else []
        return " ".join([*words, *self.flag_words("--random", "--random-fully")])

    def bind(self, host: Host, state: HookState, wanted: NatRange, path: str) -> Bound | None:
        """It ends when packets leave by another device."""
        return host.masquerade(state, wanted, path)

    def compile(self, host: Host) -> Act:
        def choose(state: HookState) -> NatRange | None:
            address = host.primary_address(state)
            return self.wanted(address, address) if address else None

        return self.act_with(host, choose)
