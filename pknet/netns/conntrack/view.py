"""A connection as rules see it (Linux: net/netfilter/xt_conntrack.c, xt_state.c).

Law: what rules ask is the packet's relation to its connection, and both tuples; the kernel's
bits stay inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pknet.link.skb import Skb
from pknet.netns.conntrack import status
from pknet.netns.conntrack.connection import Connection, CtInfo, direction_of
from pknet.netns.conntrack.tuples import Tuple

Ends = tuple[int, int, int, int]  # source, destination, source port, destination port

_STATES = {
    CtInfo.ESTABLISHED: "ESTABLISHED",
    CtInfo.ESTABLISHED_REPLY: "ESTABLISHED",
    CtInfo.RELATED: "RELATED",
    CtInfo.RELATED_REPLY: "RELATED",
    CtInfo.NEW: "NEW",
}
_NO_ENDS = (-1, -1, -1, -1)
_words = lru_cache(maxsize=None)(status.words)


@dataclass(slots=True)
class View:
    """What -m conntrack compares. Without a connection, only ``state`` says anything."""

    state: str
    statuses: frozenset[str] = frozenset()
    direction: str = ""
    protocol: int = -1
    original: Ends = _NO_ENDS
    reply: Ends = _NO_ENDS
    expires: int = -1  # seconds


def state_of(skb: Skb) -> str:
    """NEW, ESTABLISHED, RELATED, INVALID or UNTRACKED."""
    if skb.ct is not None:
        return _STATES[CtInfo(skb.ctinfo)]
    return "UNTRACKED" if skb.ctinfo == CtInfo.UNTRACKED else "INVALID"


def view(skb: Skb, now: int) -> View:
    """What tracking made of ``skb``."""
    ct = skb.ct
    if not isinstance(ct, Connection):
        return View(state_of(skb))
    return View(
        state_of(skb), _words(ct.status), direction_of(skb.ctinfo).name, ct.original.protocol,
        _ends(ct.original), _ends(ct.reply), ct.seconds_left(now),
    )  # fmt: skip


def _ends(one: Tuple) -> Ends:
    return one.src, one.dst, one.sport, one.dport
