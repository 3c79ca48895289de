"""Forwarding (Linux: ip_forward).

Law: the time to live is spent before FORWARD looks at the packet, and checked before it is
spent; an error quotes the packet as it came.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.skb import PacketType, Skb
from pknet.netns.hook import Hook
from pknet.netns.hooks import Hooks
from pknet.netns.icmp import IcmpLayer
from pknet.netns.ip_options import IpOptions
from pknet.netns.output import Output
from pknet.netns.path_mtu import forwarded_mtu
from pknet.netns.route import Path
from pknet.netns.sysctl import Sysctls
from pknet.trace import Dropped, DropReason, Held, Verdict
from pknet.wire import icmp
from pknet.wire.rewrite import decrement_ttl


class Forward:
    """The forwarding of one namespace.

    ``later(skb, way)`` has ``skb`` go on by ``way`` in a visit of its own, after what is due now.
    """

    def __init__(
        self,
        hooks: Hooks,
        output: Output,
        icmp_layer: IcmpLayer,
        sysctls: Sysctls,
        options: IpOptions,
        later: Callable[[Skb, Callable[[Skb], Verdict]], None],
    ) -> None:
        self.hooks = hooks
        self.output = output
        self.icmp = icmp_layer
        self.sysctls = sysctls
        self.options = options
        self._later = later

    def forward(self, skb: Skb) -> Verdict:
        """Send ``skb``, whose ``dst`` is set, on its way."""
        path = skb.dst
        assert isinstance(path, Path)
        if skb.type is not PacketType.HOST:
            return Dropped(DropReason.NOT_FOR_HOST)
        if skb.ip.ttl <= 1:
            words = self.icmp.error(skb, icmp.TIME_EXCEEDED, 0)
            return Dropped(DropReason.IP_INHDR, f"time to live ran out; {words}")
        if self.options.to_a_gateway(skb):
            words = self.icmp.error(skb, icmp.DEST_UNREACH, icmp.SR_FAILED)
            return Dropped(
                DropReason.SOURCE_ROUTE, f"its strict source route names no gateway; {words}"
            )
        mtu = forwarded_mtu(path)
        if self._exceeds(skb, mtu):
            return self.output.too_big(skb, mtu)
        skb.network = decrement_ttl(skb.network)
        if self._redirected(skb, path):
            self._later(skb, self._onward)
            return Held("its sender is told of a shorter way first")
        return self._onward(skb)

    def _onward(self, skb: Skb) -> Verdict:
        """Linux: ip_forward's NF_HOOK and what follows."""
        path = skb.dst
        assert isinstance(path, Path)
        ended = self.hooks.run(Hook.FORWARD, skb, skb.dev, path.dev)
        if ended is not None:
            return ended
        self.options.onward(skb)
        return self.output.finish(skb)

    def _exceeds(self, skb: Skb, mtu: int) -> bool:
        """Linux: ip_exceeds_mtu."""
        if skb.ip.length <= mtu or not skb.ip.df:
            return False
        return skb.frag_max_size > mtu or not skb.frag_max_size

    def _redirected(self, skb: Skb, path: Path) -> bool:
        """Whether its sender is told of a shorter way than by us (RFC 1812, section 5.2.7.2)."""
        dev = skb.dev
        if dev is None or dev is not path.dev or not path.connected:
            return False
        if skb.options is not None and skb.options.source_route:
            return False
        return self.sysctls.device(dev.name, "send_redirects") and self.icmp.redirect(
            skb, path.nexthop
        )
