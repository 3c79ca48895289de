"""A connection as rules see it (Linux: net/netfilter/xt_conntrack.c, xt_state.c).

Law: what rules ask is the packet's relation to its connection, and both tuples; the kernel's
bits stay inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pknet.link.skb import Skb
from pknet.netns.conntrack import status
from pknet.netns.conntrack.connection import Connection, CtInfo, Direction, direction_of
from pknet.netns.conntrack.tuples import Tuple

Ends = tuple[int, int, int, int]  # source, destination, source port, destination port

_STATES: dict[int, str] = {
    CtInfo.ESTABLISHED: "ESTABLISHED",
    CtInfo.ESTABLISHED_REPLY: "ESTABLISHED",
    CtInfo.RELATED: "RELATED",
    CtInfo.RELATED_REPLY: "RELATED",
    CtInfo.NEW: "NEW",
}
_DIRECTIONS = tuple(direction.name for direction in Direction)
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


class ConnectionView:
    """The same of a packet that has one, each part worked out when a rule asks for it."""

    __slots__ = ("_connection", "_ctinfo", "_now", "state")

    def __init__(self, connection: Connection, ctinfo: int, now: int) -> None:
        self._connection = connection
        self._ctinfo = ctinfo
        self._now = now
        self.state = _STATES[ctinfo]

    @property
    def statuses(self) -> frozenset[str]:
        """What has become of it, as --ctstatus names it; SNAT and DNAT among them."""
        return _words(self._connection.status)

    @property
    def direction(self) -> str:
        """The packet's."""
        return _DIRECTIONS[direction_of(self._ctinfo)]

    @property
    def protocol(self) -> int:
        """The connection's."""
        return self._connection.original.protocol

    @property
    def original(self) -> Ends:
        """Of its first packet."""
        return _ends(self._connection.original)

    @property
    def reply(self) -> Ends:
        """Of the answer that is expected."""
        return _ends(self._connection.reply)

    @property
    def expires(self) -> int:
        """Seconds left."""
        return self._connection.seconds_left(self._now)


def state_of(skb: Skb) -> str:
    """NEW, ESTABLISHED, RELATED, INVALID or UNTRACKED."""
    if skb.ct is not None:
        return _STATES[skb.ctinfo]
    return "UNTRACKED" if skb.ctinfo == CtInfo.UNTRACKED else "INVALID"


def view(skb: Skb, now: int) -> View | ConnectionView:
    """What tracking made of ``skb``."""
    ct = skb.ct
    if not isinstance(ct, Connection):
        return View(state_of(skb))
    return ConnectionView(ct, skb.ctinfo, now)


def _ends(one: Tuple) -> Ends:
    return one.src, one.dst, one.sport, one.dport
