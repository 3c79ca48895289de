"""REDIRECT: to this host itself (Linux: net/netfilter/nf_nat_redirect.c)."""

from __future__ import annotations

from pknet.netns.hook import Hook, HookState
from pknet.netns.netfilter.extension import Option
from pknet.netns.netfilter.host import Host, Manip
from pknet.netns.netfilter.targets.nat import OwnAddressTarget, flags
from pknet.wire.address import ip_int

LOCALHOST = ip_int("127.0.0.1")


class Redirect(OwnAddressTarget):
    """``--to-ports``."""

    name = "REDIRECT"
    manip = Manip.DST
    chains = frozenset({"PREROUTING", "OUTPUT"})
    options = {"--to-ports": Option(), **flags("--random")}
    aliases = {"--to-port": "--to-ports"}

    def address(self, host: Host, state: HookState) -> int:
        """Of packets of its own, the loopback's; else that of the device they came in by."""
        return LOCALHOST if state.hook is Hook.OUTPUT else host.redirect_address(state)
