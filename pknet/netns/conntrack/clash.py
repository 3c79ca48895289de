"""Two connections that want the same tuple (Linux: nf_ct_resolve_clash).

Law: the one in the table stays. The packet of the other joins it where both are the same flow;
else it gets an entry that only replies find, for a second; else it is dropped.
"""

from __future__ import annotations

from pknet.link.skb import Skb
from pknet.netns.conntrack import status
from pknet.netns.conntrack.connection import Connection
from pknet.netns.conntrack.table import Table
from pknet.sim.clock import SECOND
from pknet.trace import Dropped, DropReason, Verdict

_SOON = 1 * SECOND


def resolve(
    table: Table, skb: Skb, loser: Connection, winner: Connection, now: int
) -> Verdict | None:
    """``loser`` is the connection of ``skb``, of a protocol that bears with clashes."""
    if _join(skb, loser, winner):
        return None
    other = table.find(loser.reply)
    if other is None:
        loser.deadline = now + _SOON
        loser.status |= status.FIXED_TIMEOUT | status.NAT_CLASH
        table.insert_reply_only(loser)
        return None
    return None if _join(skb, loser, other[0]) else refuse(loser, winner)


def refuse(loser: Connection, winner: Connection) -> Dropped:
    """Of a protocol that does not."""
    text = f"its reply {loser.reply} is already expected by connection #{winner.number}"
    return Dropped(DropReason.NETFILTER_DROP, text)


def _join(skb: Skb, loser: Connection, winner: Connection) -> bool:
    """Linux: __nf_ct_resolve_clash."""
    same = winner.original == loser.original and winner.reply == loser.reply
    if winner.status & status.NAT_DONE and not same:
        return False
    skb.ct = winner
    return True
