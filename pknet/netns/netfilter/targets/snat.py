"""SNAT: another source, on the way out (Linux: net/netfilter/xt_nat.c, xt_snat_target_v2)."""

from __future__ import annotations

from pknet.netns.netfilter.extension import Option
from pknet.netns.netfilter.host import Manip
from pknet.netns.netfilter.targets.nat import RangeTarget, flags


class Snat(RangeTarget):
    """``--to-source``."""

    name = "SNAT"
    manip = Manip.SRC
    chains = frozenset({"POSTROUTING", "INPUT"})
    to = "--to-source"
    options = {
        to: Option(required=True),
        **flags("--random", "--random-fully", "--persistent"),
    }
