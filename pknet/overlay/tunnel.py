"""What every tunnel device does: its packets leave as the node's own, and come back as its own.

Law: the packet id is the same outside and inside. Of a packet's state only its mark goes along;
connection and route are those of the outer packet, or of the inner one, never of both.

    emit       -> _outer -> Output.send: OUTPUT, POSTROUTING, size, neighbour     iptunnel_xmit
    arrive     -> an event at +0 -> receive: tap "in", PREROUTING, ...       gro_cells_receive
"""

from __future__ import annotations

from pknet.link.interface import Interface
from pknet.link.skb import Skb
from pknet.netns.namespace import Namespace
from pknet.netns.route import NoPath, Path
from pknet.trace import Dropped, DropReason, Sent, Verdict
from pknet.wire import ipv4
from pknet.wire.address import ip_text
from pknet.wire.frame import Frame

NESTING_LIMIT = 3  # tunnels around a packet on one node (Linux: IP_TUNNEL_RECURSION_LIMIT)
DEFAULT_TTL = "net.ipv4.ip_default_ttl"


class Tunnel(Interface):
    """A device whose medium is its own node."""

    def __init__(self, node: Namespace, name: str, mac: bytes, mtu: int) -> None:
        super().__init__(node, name, mac, mtu)
        self.node = node

    def _way(self, remote: int, local: int) -> Path | Dropped:
        """The route of the outer packet (Linux: ip_route_output_key)."""
        if local and not self.node.addresses.is_local(local):
            text = f"{ip_text(local)}, the tunnel's own end, is no address of {self.node.name}"
            return Dropped(DropReason.IP_OUTNOROUTES, text)
        path = self.node.routing.output(remote, local)
        if isinstance(path, NoPath):
            return Dropped(DropReason.IP_OUTNOROUTES, f"no route to {ip_text(remote)}")
        if path.dev is self:
            text = f"the route to {ip_text(remote)} leads into {self.name} itself"
            return Dropped(DropReason.IP_OUTNOROUTES, text)
        return path

    def _outer(
        self, skb: Skb, path: Path, remote: int, protocol: int, payload: bytes, *,
        ttl: int, tos: int, df: bool, unsummed: bool = False,
    ) -> Verdict:  # fmt: skip
        """Send ``payload`` in a packet of the node's own (Linux: iptunnel_xmit)."""
        if skb.nesting >= NESTING_LIMIT:
            text = f"it is in {NESTING_LIMIT} tunnels of this node already"
            return Dropped(DropReason.RECURSION_LIMIT, text)
        data = ipv4.build(
            protocol, path.source, remote, payload, ident=self.node.own.next_ident(),
            ttl=ttl or self.node.sysctls.integer(DEFAULT_TTL), tos=tos,
            fragment=ipv4.DF if df else 0,
        )  # fmt: skip
        outer = self.node.own.skb(data, path)
        outer.hop, outer.mark, outer.nesting = skb.hop, skb.mark, skb.nesting + 1
        outer.unsummed = unsummed
        return self.node.output.send(outer)

    def _arrive(self, skb: Skb, frame: Frame) -> Verdict:
        """``frame``, which ``skb`` carried, goes up at +0, as if it had come in here."""
        if not self.up:
            return Dropped(DropReason.DEV_READY, f"{self.name} is down")
        self.node.clock.after(0, self.receive, frame, skb.hop.packet, skb.mark)
        return Sent(self.name)
