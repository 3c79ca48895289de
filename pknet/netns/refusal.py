"""What a program is told of a packet that its own node drops while it is being sent.

Law: what the walk of a packet says at once is what the system call returns; what happens later,
or elsewhere, is not its business.
"""

from __future__ import annotations

from pknet.link.skb import Skb
from pknet.netns.route import NoPath
from pknet.trace import Dropped, Verdict, copies

#: By the kernel's name of the reason: nf_hook_slow's own errno, and ip_fragment's.
_ERRNOS = {"NETFILTER_DROP": "EPERM", "PKT_TOO_BIG": "EMSGSIZE"}


def refusal(skb: Skb, verdict: Verdict) -> str | None:
    """The errno with which sendto fails; None: it does not. Of several copies the last one counts.

    Where a rule changed the destination and there is no way to the new one, the errno is that of
    the route (Linux: nf_ip_route_me_harder, NF_DROP_GETERR).
    """
    last = list(copies(verdict))[-1]
    if not isinstance(last, Dropped):
        return None
    if isinstance(skb.dst, NoPath):
        return skb.dst.error.name
    return _ERRNOS.get(last.reason.linux)
