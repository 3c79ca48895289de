"""DNAT: another destination, on the way in (Linux: net/netfilter/xt_nat.c, xt_dnat_target_v2)."""

from __future__ import annotations

from pknet.netns.netfilter.extension import Option
from pknet.netns.netfilter.host import Manip
from pknet.netns.netfilter.targets.nat import RangeTarget, flags


class Dnat(RangeTarget):
    """``--to-destination``."""

    name = "DNAT"
    manip = Manip.DST
    chains = frozenset({"PREROUTING", "OUTPUT"})
    to = "--to-destination"
    options = {to: Option(required=True), **flags("--random", "--persistent")}
