"""Redirects that a router sends (RFC 1812, section 5.2.7.2; Linux: ip_rt_send_redirect).

Law: who does not listen is told less and less often, and then left alone for a while.
"""

from __future__ import annotations

from dataclasses import dataclass

from pknet.link.skb import Skb
from pknet.netns.icmp import IcmpLayer
from pknet.netns.route import Path
from pknet.netns.sysctl import Sysctls
from pknet.sim import Clock
from pknet.sim.clock import MILLISECOND
from pknet.wire import icmp

LOAD = 20 * MILLISECOND  # Linux: net.ipv4.route.redirect_load; doubles with each that is sent
NUMBER = 9  # Linux: net.ipv4.route.redirect_number; more than these are not heeded
SILENCE = LOAD << (NUMBER + 1)  # Linux: net.ipv4.route.redirect_silence


@dataclass(slots=True)
class Told:
    """What one sender has been told (Linux: struct inet_peer)."""

    last: int  # ns
    sent: int = 0


class Redirects:
    """Those of one namespace."""

    def __init__(self, sysctls: Sysctls, icmp_layer: IcmpLayer, clock: Clock) -> None:
        self.sysctls = sysctls
        self.icmp = icmp_layer
        self.clock = clock
        self._told: dict[tuple[int, str], Told] = {}

    def tell(self, skb: Skb, path: Path) -> bool:
        """Tell its sender of a shorter way than by us; True where that was done."""
        dev = skb.dev
        if dev is None or dev is not path.dev or not path.connected:
            return False
        if not self.sysctls.device(dev.name, "send_redirects") or not self._due(
            skb.ip.src, dev.name
        ):
            return False
        self.icmp.error(skb, icmp.REDIRECT, icmp.REDIRECT_HOST, path.nexthop)
        return True

    def _due(self, source: int, dev: str) -> bool:
        now = self.clock.now
        told = self._told.setdefault((source, dev), Told(now))
        if now > told.last + SILENCE:
            told.sent = 0
        if told.sent >= NUMBER:
            told.last = now
            return False
        if told.sent and now <= told.last + (LOAD << told.sent):
            return False
        told.last = now
        told.sent += 1
        return True
