"""Packets that waited in vain: for a neighbour, or for their other fragments.

Law: each ends in a visit of its own, and its sender is told where Linux tells it.
"""

from __future__ import annotations

from pknet.link.skb import Skb
from pknet.netns.icmp import IcmpLayer
from pknet.netns.ip_options import IpOptions
from pknet.netns.neighbour_entry import Waiting
from pknet.netns.route import Path
from pknet.netns.visits import Visits
from pknet.trace import Dropped, DropReason, Verdict
from pknet.wire import icmp


class Endings:
    """Those of one namespace."""

    def __init__(self, visits: Visits, icmp_layer: IcmpLayer, options: IpOptions) -> None:
        self._visits = visits
        self._icmp = icmp_layer
        self._options = options

    def give_up(self, waiting: Waiting, dropped: Dropped) -> None:
        """A packet that was held dies; its sender is told, if ARP failed (ipv4_link_failure)."""
        skb = waiting.skb
        if dropped.reason is DropReason.NEIGH_FAILED and self._readable(skb):
            self._answer(skb, dropped, icmp.DEST_UNREACH, icmp.HOST_UNREACH)
        else:
            self.discard(skb, dropped)

    def _readable(self, skb: Skb) -> bool:
        """Whether its options can be read once more (Linux: ipv4_send_dest_unreach)."""
        return not isinstance(skb.dst, Path) or self._options.read_again(skb, skb.dst.dev)

    def timed_out(self, skb: Skb, dropped: Dropped) -> None:
        """The first fragment of a packet that never was whole (ip_expire)."""
        self._answer(skb, dropped, icmp.TIME_EXCEEDED, 1)

    def discard(self, skb: Skb, dropped: Dropped) -> None:
        """In silence."""
        self._visits.resume(skb, lambda again: dropped)

    def _answer(self, skb: Skb, dropped: Dropped, kind: int, code: int) -> None:
        """The end of ``skb``, of which its sender is told by an ICMP error."""

        def tell(again: Skb) -> Verdict:
            words = self._icmp.error(again, kind, code)
            return Dropped(dropped.reason, f"{dropped.text}; {words}")

        self._visits.resume(skb, tell)
