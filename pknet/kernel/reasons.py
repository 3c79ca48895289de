"""Why packets died, there and here, node by node.

Law: a reason that Linux names is told by both sides, as often. Where Linux says NOT_SPECIFIED, or
frees without a reason, any reason of pknet's own stands for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pknet.kernel.drops import Drop
from pknet.trace import Dropped, DropReason, Hop
from pknet.trace.verdict import copies

UNNAMED = "NOT_SPECIFIED"
#: A capture takes every frame in, so the kernel does not drop what no protocol handles.
_CAPTURED = DropReason.UNHANDLED_PROTO.linux

Deaths = Counter[tuple[str, str]]  # node, reason


def differences(hops: Iterable[Hop], drops: Iterable[Drop]) -> list[str]:
    """A line for each node and reason that the two do not tell equally often."""
    ours = _ours(hops)
    theirs: Deaths = Counter((drop.node, drop.reason) for drop in drops)
    unnamed = {node: count for (node, reason), count in theirs.items() if reason == UNNAMED}
    found = []
    for node, reason in sorted({*ours, *theirs}):
        here, there = ours[node, reason], theirs[node, reason]
        if reason in (UNNAMED, _CAPTURED) or here == there:
            continue
        allowed = min(max(here - there, 0), unnamed.get(node, 0))
        unnamed[node] = unnamed.get(node, 0) - allowed
        if here - allowed != there:
            found.append(f"{node}: {reason}: pknet {here}, kernel {there}")
    return found


def _ours(hops: Iterable[Hop]) -> Deaths:
    return Counter(
        (hop.node, verdict.reason.linux)
        for hop in hops
        for verdict in copies(hop.verdict)
        if isinstance(verdict, Dropped) and not _was_refused(hop, verdict)
    )


def _was_refused(hop: Hop, dropped: Dropped) -> bool:
    """A program's own frame for a device that is down: it is told ENETDOWN (Linux: packet_snd)."""
    return dropped.reason is DropReason.DEV_READY and all(not tap.direction for tap in hop.taps)
