"""One connection, and how a packet stands to it (Linux: struct nf_conn, enum ip_conntrack_info).

Law: a connection is found by its tuples as soon as its first packet has come out at the other
side (CONFIRMED), and is gone when its deadline has passed.
"""

from __future__ import annotations

from enum import IntEnum

from pknet.link.skb import Tracked
from pknet.netns.conntrack import status
from pknet.netns.conntrack.tuples import Tuple
from pknet.sim.clock import SECOND


class Direction(IntEnum):
    """Linux: enum ip_conntrack_dir."""

    ORIGINAL = 0
    REPLY = 1

    @property
    def other(self) -> Direction:
        """The way back."""
        return Direction.ORIGINAL if self else Direction.REPLY


class CtInfo(IntEnum):
    """What Skb.ctinfo holds."""

    ESTABLISHED = 0
    RELATED = 1
    NEW = 2
    ESTABLISHED_REPLY = 3
    RELATED_REPLY = 4
    UNTRACKED = 7


def direction_of(ctinfo: int) -> Direction:
    """Linux: CTINFO2DIR."""
    return Direction.REPLY if ctinfo >= CtInfo.ESTABLISHED_REPLY else Direction.ORIGINAL


class ProtocolState:
    """What a protocol remembers of a connection; its tracker knows the rest."""

    __slots__ = ()


class Connection(Tracked):
    """``number`` counts connections as they begin, from 1. ``deadline`` is in nanoseconds."""

    __slots__ = (
        "bound_by", "deadline", "mark", "masquerade_dev", "number", "original", "proto",
        "reply", "status",
    )  # fmt: skip

    def __init__(self, number: int, original: Tuple, reply: Tuple) -> None:
        self.number = number
        self.original = original
        self.reply = reply
        self.status = 0
        self.mark = 0
        self.deadline = 0
        self.proto = ProtocolState()
        # The status bit of a NAT (SRC_NAT, DST_NAT): the chain whose rule decided on it.
        self.bound_by: dict[int, str] = {}
        # The device whose address MASQUERADE took (Linux: nf_conn_nat.masq_index).
        self.masquerade_dev = ""

    def tuple(self, direction: Direction) -> Tuple:
        """What packets of ``direction`` bear on their way in."""
        return self.reply if direction else self.original

    def refresh(self, now: int, extra: int) -> None:
        """Live for ``extra`` nanoseconds from ``now`` (Linux: nf_ct_refresh)."""
        if not self.status & status.FIXED_TIMEOUT:
            self.deadline = now + extra

    def seconds_left(self, now: int) -> int:
        """Whole seconds, as conntrack -L and --ctexpire count them (Linux: nf_ct_expires)."""
        return max(0, self.deadline - now) // SECOND

    def __repr__(self) -> str:
        return f"<connection #{self.number} {self.original}>"
