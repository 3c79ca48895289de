"""iptables for bridged packets (Linux: net/bridge/br_netfilter_hooks.c).

Law: with bridge-nf-call-iptables on, a bridged IPv4 packet passes PREROUTING, FORWARD and
POSTROUTING as if it were routed, but keeps its MACs and its time to live. Where PREROUTING
changed its destination, the route decides: out of the same bridge, it goes on bridged.

    prerouting   PREROUTING -> destination changed?
                   route by this bridge: neighbour known and used before -> on, new MAC only
                                         else through the neighbour layer: br0 shows it
                   route elsewhere, or to us: addressed to the bridge itself, so it goes up
    forward      FORWARD     postrouting   POSTROUTING, then fragments again
"""

from __future__ import annotations

from pknet.link.bridge_netfilter import Resume
from pknet.link.interface import Interface
from pknet.link.skb import BridgeInfo, PacketType, Skb
from pknet.netns.hook import Hook
from pknet.netns.hooks import Hooks
from pknet.netns.input import validate
from pknet.netns.neighbour import Neighbours
from pknet.netns.neighbour_entry import CONNECTED
from pknet.netns.output import Output
from pknet.netns.route import Path, RouteStep, RouteType
from pknet.netns.routing import Routing
from pknet.netns.sysctl import Sysctls
from pknet.trace import Dropped, DropReason, Verdict
from pknet.wire.ethernet import ETH_P_IP

SYSCTL = "net.bridge.bridge-nf-call-iptables"


class BrNetfilter:
    """Implements link.bridge_netfilter.BridgeNetfilter for the bridges of one namespace."""

    def __init__(
        self,
        hooks: Hooks,
        routing: Routing,
        neighbours: Neighbours,
        output: Output,
        sysctls: Sysctls,
    ) -> None:
        self.hooks = hooks
        self.routing = routing
        self.neighbours = neighbours
        self.output = output
        self.sysctls = sysctls

    def prerouting(self, bridge: Interface, port: Interface, skb: Skb, resume: Resume) -> Verdict:
        """Linux: br_nf_pre_routing, br_nf_pre_routing_finish."""
        if skb.protocol != ETH_P_IP or not self.sysctls.integer(SYSCTL):
            return resume(skb)
        wrong = validate(skb)
        if wrong is not None:
            return Dropped(DropReason.IP_INHDR, wrong.text)
        info = BridgeInfo(port, otherhost=skb.type is PacketType.OTHERHOST, daddr=skb.ip.dst)
        skb.bridge = info
        skb.type = PacketType.HOST if info.otherhost else skb.type
        skb.dev = bridge
        ended = self.hooks.run(Hook.PREROUTING, skb, bridge, None)
        if ended is not None:
            return ended
        self._restore_type(skb, info)
        if skb.ip.dst != info.daddr:
            return self._redirected(bridge, port, skb, resume)
        skb.dev = port
        return resume(skb)

    def _redirected(self, bridge: Interface, port: Interface, skb: Skb, resume: Resume) -> Verdict:
        """A rule gave it another destination: where is that?"""
        decision = self.routing.input(skb.ip.dst, skb.ip.src, bridge)
        if isinstance(decision, Dropped):
            return decision
        skb.dst = decision
        skb.dev = port
        if (
            isinstance(decision, Path)
            and decision.type is RouteType.UNICAST
            and decision.dev is bridge
        ):
            return self._bridged_dnat(bridge, decision, skb, resume)
        skb.header = bridge.mac + skb.header[6:]
        skb.type = PacketType.HOST
        return resume(skb)

    def _bridged_dnat(self, bridge: Interface, path: Path, skb: Skb, resume: Resume) -> Verdict:
        """Out of the bridge it came in by (Linux: br_nf_pre_routing_finish_bridge)."""
        info = skb.bridge
        assert info is not None
        if path.route is not None:
            skb.hop.step(RouteStep(skb.ip.dst, path.route))
        entry = self.neighbours.create(path.nexthop, bridge)
        if entry.state in CONNECTED and entry.cached:
            skb.header = entry.mac + skb.header[6:]
            return resume(skb)
        info.saved_header = skb.header[6:]
        return self.neighbours.output(entry, skb, bridge.transmit)

    def slow_path(self, bridge: Interface, skb: Skb) -> Interface | None:
        """Linux: br_nf_pre_routing_finish_bridge_slow."""
        info = skb.bridge
        if info is None or info.saved_header is None:
            return None
        skb.header = skb.destination + info.saved_header
        info.saved_header = None
        info.physout = None
        skb.dev = info.physin
        return info.physin

    def forward(self, bridge: Interface, port: Interface, skb: Skb, resume: Resume) -> Verdict:
        """Linux: br_nf_forward_ip."""
        info = skb.bridge
        if info is None or skb.protocol != ETH_P_IP:
            return resume(skb)
        self._hide_type(skb, info)
        wrong = validate(skb)
        if wrong is not None:
            return Dropped(DropReason.IP_INHDR, wrong.text)
        info.physout = port
        ended = self.hooks.run(Hook.FORWARD, skb, bridge, bridge)
        if ended is not None:
            return ended
        self._restore_type(skb, info)
        return resume(skb)

    def postrouting(self, bridge: Interface, port: Interface, skb: Skb, resume: Resume) -> Verdict:
        """Linux: br_nf_post_routing, br_nf_dev_queue_xmit."""
        info = skb.bridge
        if info is None or info.physout is None:
            return resume(skb)
        self._hide_type(skb, info)
        ended = self.hooks.run(Hook.POSTROUTING, skb, None, bridge)
        if ended is not None:
            return ended
        self._restore_type(skb, info)
        skb.bridge = None
        mtu = min(port.mtu, skb.frag_max_size or port.mtu)
        if skb.ip.length <= mtu:
            return resume(skb)
        return self._fragment(skb, mtu, resume)

    def _fragment(self, skb: Skb, mtu: int, resume: Resume) -> Verdict:
        """Linux: br_nf_ip_fragment; a packet that must not be cut dies here in silence."""
        if (skb.ip.df and not skb.frag_max_size) or skb.frag_max_size > mtu:
            text = f"{skb.ip.length} bytes, port MTU {mtu}; a bridge sends no ICMP error"
            return Dropped(DropReason.PKT_TOO_BIG, text)
        return self.output.cut(skb, mtu, resume)

    def _hide_type(self, skb: Skb, info: BridgeInfo) -> None:
        """The network layer would not look at a frame for another station."""
        if skb.type is PacketType.OTHERHOST:
            skb.type = PacketType.HOST
            info.otherhost = True

    def _restore_type(self, skb: Skb, info: BridgeInfo) -> None:
        if info.otherhost:
            skb.type = PacketType.OTHERHOST
            info.otherhost = False
