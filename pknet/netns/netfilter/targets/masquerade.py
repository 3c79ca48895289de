"""MASQUERADE: the source becomes the address of the way out (Linux: nf_nat_masquerade.c)."""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Option, Path
from pknet.netns.netfilter.host import Bound, Host, Manip, NatRange
from pknet.netns.netfilter.targets.nat import OwnAddressTarget, flags


class Masquerade(OwnAddressTarget):
    """``--to-ports`` and how to choose among them."""

    name = "MASQUERADE"
    manip = Manip.SRC
    chains = frozenset({"POSTROUTING"})
    options = {"--to-ports": Option(), **flags("--random", "--random-fully")}

    def bind(self, host: Host, state: HookState, wanted: NatRange, path: Path) -> Bound | None:
        """It ends when packets leave by another device."""
        return host.masquerade(state, wanted, str(path))

    def address(self, host: Host, state: HookState) -> int:
        """That of the way out."""
        return host.primary_address(state)
