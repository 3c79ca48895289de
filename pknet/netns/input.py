"""The way in: checks, PREROUTING, route, then delivery or forwarding (Linux: ip_rcv).

Law: everything that a header can be wrong in is found here, once, before anyone decides by it.

    receive   validate -> PREROUTING (skipped where br_netfilter has run it) -> route
    route     options -> local | broadcast: deliver    unicast: forward    no way: ICMP 3/x, drop
    deliver   reassemble -> INPUT -> ICMP, TCP, UDP, or ICMP 3/2
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.skb import Destination, PacketType, Skb
from pknet.netns.forward import Forward
from pknet.netns.hook import Hook
from pknet.netns.hooks import Hooks
from pknet.netns.icmp import IcmpLayer
from pknet.netns.ip_options import IpOptions
from pknet.netns.reassembly import Reassembly
from pknet.netns.route import NoPath, Path, RouteError, RouteStep, RouteType
from pknet.netns.routing import Routing
from pknet.trace import Delivered, Dropped, DropReason, Verdict
from pknet.wire import icmp, ipv4
from pknet.wire.address import ip_text
from pknet.wire.checksum import checksum

#: Takes in the packets of one protocol.
Deliver = Callable[[Skb], Verdict]

LOCAL_DELIVER = "local"  # the reassembly queues of local delivery (Linux: IP_DEFRAG_LOCAL_DELIVER)


def validate(skb: Skb) -> Dropped | None:
    """Check the header, and cut off what the link padded (Linux: ip_rcv_core)."""
    data = skb.network
    if len(data) < ipv4.MIN_HEADER:
        return Dropped(DropReason.IP_INHDR, f"{len(data)} bytes are no IP header")
    header = skb.ip
    size = header.header_length
    if header.version_ihl >> 4 != 4 or not ipv4.MIN_HEADER <= size <= len(data):
        return Dropped(DropReason.IP_INHDR, "wrong version or header length")
    if checksum(data[:size]):
        return Dropped(DropReason.IP_CSUM)
    if header.length > len(data):
        return Dropped(DropReason.PKT_TOO_SMALL, f"says {header.length} bytes, has {len(data)}")
    if header.length < size:
        return Dropped(DropReason.IP_INHDR, "shorter than its own header")
    if header.length < len(data):
        skb.network = data[: header.length]
    return None


def _is_ours(dst: Destination) -> bool:
    """What went out over lo was routed then, once and for all (Linux: skb_valid_dst)."""
    return isinstance(dst, Path) and dst.type is not RouteType.UNICAST


class Input:
    """The way into one namespace.

    ``protocols`` takes in what is for this host; what speaks one more protocol adds itself.
    """

    def __init__(
        self,
        routing: Routing,
        hooks: Hooks,
        forward: Forward,
        icmp_layer: IcmpLayer,
        reassembly: Reassembly,
        options: IpOptions,
        protocols: dict[int, Deliver],
    ) -> None:
        self.routing = routing
        self.hooks = hooks
        self.forward = forward
        self.icmp = icmp_layer
        self.reassembly = reassembly
        self.options = options
        self.protocols = protocols

    def receive(self, skb: Skb) -> Verdict:
        """An IPv4 packet came up from ``skb.dev``."""
        if skb.type is PacketType.OTHERHOST:
            return Dropped(DropReason.OTHERHOST)
        wrong = validate(skb)
        if wrong is not None:
            return wrong
        skb.frag_max_size = 0  # a bridge's own (Linux: ip_rcv_core clears IPCB)
        skb.frag_pmtu = False
        skb.options = None
        if skb.bridge is None:  # else br_netfilter has run it (Linux: ip_sabotage_in)
            ended = self.hooks.run(Hook.PREROUTING, skb, skb.dev, None)
            if ended is not None:
                return ended
        return self.route(skb)

    def route(self, skb: Skb) -> Verdict:
        """Decide, unless br_netfilter already has (Linux: ip_rcv_finish)."""
        dev = skb.dev
        assert dev is not None
        if skb.dst is None or (dev.kind == "loopback" and not _is_ours(skb.dst)):
            decision = self.routing.input(skb.ip.dst, skb.ip.src, dev)
            if isinstance(decision, Dropped):
                return decision
            skb.dst = decision
        if skb.ip.header_length > ipv4.MIN_HEADER:
            refused = self.options.received(skb, dev)
            if refused is not None:
                return refused
        path = skb.dst
        if isinstance(path, NoPath):
            return self._no_way(skb, path)
        assert isinstance(path, Path)
        if path.route is not None:
            skb.hop.step(RouteStep(skb.ip.dst, path.route))
        if path.type is RouteType.UNICAST:
            return self.forward.forward(skb)
        return self.deliver(skb)

    def _no_way(self, skb: Skb, path: NoPath) -> Verdict:
        """Linux: ip_error."""
        assert skb.dev is not None
        if path.route is not None:
            skb.hop.step(RouteStep(skb.ip.dst, path.route))
        destination = ip_text(skb.ip.dst)
        if not self.routing.forwards(skb.dev):
            text = f"{destination} is not an address of this host, and it does not forward"
            return Dropped(DropReason.IP_INADDRERRORS, text)
        reason, code, text = _ANSWERS[path.error]
        if code is None:
            return Dropped(reason, f"{text} {destination}")
        words = self.icmp.no_way(skb, code)
        return Dropped(reason, f"{text} {destination}; {words}")

    def deliver(self, skb: Skb) -> Verdict:
        """The packet is for this host (Linux: ip_local_deliver)."""
        if skb.ip.is_fragment:
            waiting = self.reassembly.add(LOCAL_DELIVER, skb)
            if waiting is not None:
                return waiting
        ended = self.hooks.run(Hook.INPUT, skb, skb.dev, None)
        if ended is not None:
            return ended
        handler = self.protocols.get(skb.ip.protocol)
        if handler is not None:
            return handler(skb)
        if skb.ip.protocol in _HEARD:
            return Delivered(f"{_HEARD[skb.ip.protocol]}, of which nothing comes here")
        words = self.icmp.error(skb, icmp.DEST_UNREACH, icmp.PROT_UNREACH)
        text = f"protocol {skb.ip.protocol} is not spoken here; {words}"
        return Dropped(DropReason.IP_NOPROTO, text)


#: Linux takes these in (CONFIG_IP_MULTICAST, CONFIG_IP_PIMSM_V2) and answers none of them.
_HEARD = {2: "IGMP", 103: "PIM"}

#: What ip_error makes of each: the reason, the code of ICMP 3 (None: silence), the words.
_ANSWERS: dict[RouteError, tuple[DropReason, int | None, str]] = {
    RouteError.ENETUNREACH: (DropReason.IP_INNOROUTES, icmp.NET_UNREACH, "no route to"),
    RouteError.EHOSTUNREACH: (
        DropReason.ROUTE_UNREACHABLE, icmp.HOST_UNREACH, "an unreachable route to"
    ),
    RouteError.EACCES: (DropReason.ROUTE_PROHIBIT, icmp.ADMIN_PROHIBITED, "a prohibit route to"),
    RouteError.EINVAL: (DropReason.ROUTE_BLACKHOLE, None, "a blackhole route to"),
}  # fmt: skip
