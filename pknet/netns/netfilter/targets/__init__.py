"""One file for each target; this is where they are registered."""

from pknet.netns.netfilter.extension import Target
from pknet.netns.netfilter.targets.ct import Ct, Notrack
from pknet.netns.netfilter.targets.dnat import Dnat
from pknet.netns.netfilter.targets.log import Log
from pknet.netns.netfilter.targets.mark import MarkTarget
from pknet.netns.netfilter.targets.masquerade import Masquerade
from pknet.netns.netfilter.targets.redirect import Redirect
from pknet.netns.netfilter.targets.reject import Reject
from pknet.netns.netfilter.targets.snat import Snat
from pknet.netns.netfilter.targets.verdicts import Accept, Drop, Return

#: By the name that follows ``-j``; any other word is a chain.
TARGETS: dict[str, type[Target]] = {
    target.name: target
    for target in (
        Accept, Ct, Dnat, Drop, Log, MarkTarget, Masquerade, Notrack, Redirect, Reject, Return,
        Snat,
    )
}  # fmt: skip
