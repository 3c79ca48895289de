"""An IPIP device: IPv4 packets inside IPv4 packets, protocol 4 (RFC 2003; Linux: net/ipv4/ipip.c).

Law: the far end is the tunnel's own, or else the next hop of the packet's route. The device has
no link layer: no MAC, no ARP, and nothing before the packet in a capture.

    emit        far end, route, TTL, congestion marks, size -> Tunnel._outer      ip_tunnel_xmit
    decapsulate congestion marks -> Tunnel._arrive                                 ip_tunnel_rcv
"""

from __future__ import annotations

from dataclasses import dataclass

from pknet.link.skb import Skb
from pknet.netns.namespace import Namespace
from pknet.netns.route import Path
from pknet.overlay.ecn import inner_packet, outer_tos
from pknet.overlay.ipip_protocol import ipip_protocol
from pknet.overlay.steps import DecapStep, EncapStep
from pknet.overlay.tunnel import Tunnel
from pknet.trace import Dropped, DropReason, Verdict
from pknet.wire import icmp, ipv4
from pknet.wire.address import ip_text
from pknet.wire.ethernet import ETH_P_IP
from pknet.wire.frame import BareFrame

HEADROOM = ipv4.MIN_HEADER  # bytes that a packet gains
MTU = 1500 - HEADROOM


@dataclass(frozen=True, slots=True)
class IpipConfig:
    """As ``ip link add … type ipip`` takes it (Linux: struct ip_tunnel_parm).

    ``local`` 0: any. ``remote`` 0: the next hop. ``ttl``, ``tos`` None: the inner packet's.
    ``pmtudisc``: the outer packet says don't-fragment; without, it does where the inner does.
    """

    local: int = 0
    remote: int = 0
    ttl: int | None = None
    tos: int | None = 0
    pmtudisc: bool = True


class Ipip(Tunnel):
    """``tunl0``."""

    kind = "ipip"
    link_layer = False

    def __init__(self, node: Namespace, name: str, mtu: int, config: IpipConfig) -> None:
        super().__init__(node, name, b"", mtu)
        self.config = config

    def open(self) -> None:
        """Take in what comes for this tunnel. Raises ValueError("EEXIST")."""
        ipip_protocol(self.node).add(self.config.local, self.config.remote, self.decapsulate)

    # --- out

    def emit(self, skb: Skb) -> Verdict:
        """Into a packet of the node's own (Linux: ip_tunnel_xmit)."""
        remote = self.config.remote
        if not remote:
            assert isinstance(skb.dst, Path)
            remote = skb.dst.nexthop
        path = self._way(remote, self.config.local)
        if isinstance(path, Dropped):
            return path
        tos = outer_tos(skb.ip.tos if self.config.tos is None else self.config.tos, skb.ip.tos)
        df = self.config.pmtudisc or skb.ip.df
        too_big = self._check_size(skb, path, remote, df)
        if too_big is not None:
            return too_big
        outer = f"IP {ip_text(path.source)} > {ip_text(remote)}"
        skb.hop.step(EncapStep(self.name, outer))
        return self._outer(skb, path, remote, ipv4.IPIP, skb.network,
                           ttl=self.config.ttl or skb.ip.ttl, tos=tos, df=df)  # fmt: skip

    def _check_size(self, skb: Skb, path: Path, remote: int, df: bool) -> Dropped | None:
        """The sender hears what fits, where the outer packet may not be cut (tnl_update_pmtu)."""
        paths, inner = self.node.path_mtu, skb.dst
        assert isinstance(inner, Path)
        known = paths.of(inner, skb.ip.dst)
        mtu = paths.of(path, remote) - HEADROOM if df else known
        if mtu < known:
            paths.learn(skb.ip.dst, mtu)
        if not skb.ip.df or len(skb.network) <= mtu:
            return None
        words = self.node.icmp.error(skb, icmp.DEST_UNREACH, icmp.FRAG_NEEDED, mtu)
        text = f"{len(skb.network)} bytes, {mtu} fit into the tunnel; {words}"
        return Dropped(DropReason.PKT_TOO_BIG, text)

    # --- in

    def decapsulate(self, skb: Skb) -> Verdict:
        """``skb`` holds a packet for this tunnel (Linux: ip_tunnel_rcv)."""
        network = inner_packet(skb.ip.tos, ETH_P_IP, skb.payload)
        if network is None:
            return Dropped(DropReason.IP_TUNNEL_ECN)
        outer = f"IP {ip_text(skb.ip.src)} > {ip_text(skb.ip.dst)}"
        skb.hop.step(DecapStep(self.name, outer))
        return self._arrive(skb, BareFrame(network))
