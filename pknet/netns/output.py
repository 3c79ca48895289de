"""The way out: hooks, size, neighbour, device (Linux: ip_output and what follows).

Law: whatever leaves a namespace at the network layer leaves here, forwarded or its own.

    send        OUTPUT (rerouted where a rule changed the destination) -> finish    ip_local_out
    finish      POSTROUTING -> too big? fragment, or refuse with ICMP 3/4           ip_output
    transmit    no link layer | lo | broadcast | neighbour -> device         ip_finish_output2
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.interface import Interface
from pknet.link.skb import Skb
from pknet.netns.fragment import fragments
from pknet.netns.hook import Hook
from pknet.netns.hooks import Hooks
from pknet.netns.icmp import IcmpLayer
from pknet.netns.neighbour import Neighbours
from pknet.netns.path_mtu import PathMtu, forwarded_mtu
from pknet.netns.route import NoPath, Path, RouteStep, RouteType
from pknet.netns.routing import Routing
from pknet.trace import Dropped, DropReason, Verdict, forked
from pknet.wire import icmp
from pknet.wire.address import BROADCAST_MAC, ip_text
from pknet.wire.ethernet import ETH_P_IP, Ethernet
from pknet.wire.gso import longest


def group_mac(address: int) -> bytes:
    """The MAC of an IPv4 multicast address (RFC 1112, section 6.4)."""
    return b"\x01\x00\x5e" + (address & 0x7FFFFF).to_bytes(3, "big")


class Output:
    """The way out of one namespace. ``later(pieces, send)`` sends the rest in its turn;
    ``loop_back(skb, dev)`` hands this host what it sends to everybody; ``segment(skb, send)``
    sends each segment of a large packet."""

    def __init__(
        self,
        routing: Routing,
        hooks: Hooks,
        neighbours: Neighbours,
        icmp_layer: IcmpLayer,
        path_mtu: PathMtu,
        later: Callable[[list[Skb], Callable[[list[Skb]], Verdict]], Verdict],
        loop_back: Callable[[Skb, Interface], None],
        segment: Callable[[Skb, Callable[[Skb], Verdict]], Verdict],
    ) -> None:
        self.routing = routing
        self.hooks = hooks
        self.neighbours = neighbours
        self.icmp = icmp_layer
        self.path_mtu = path_mtu
        self._later = later
        self._loop_back = loop_back
        self._segment = segment

    def send(self, skb: Skb) -> Verdict:
        """A packet of our own whose ``dst`` is set (Linux: __ip_local_out)."""
        path = skb.dst
        assert isinstance(path, Path)
        self._tell_route(skb, path)
        header = skb.ip
        before = (header.src, header.dst, header.tos, skb.mark)
        ended = self.hooks.run(Hook.OUTPUT, skb, None, path.dev)
        if ended is not None:
            return ended
        header = skb.ip
        if (header.src, header.dst, header.tos, skb.mark) != before:
            lost = self._reroute(skb)
            if lost is not None:
                return lost
        return self.finish(skb)

    def _reroute(self, skb: Skb) -> Verdict | None:
        """A rule changed where it goes (Linux: ip_route_me_harder).

        Where that finds no way, Linux says that the hook dropped it (NF_DROP_ERR).
        """
        path = self.routing.output(skb.ip.dst, skb.ip.src)
        if isinstance(path, NoPath):
            skb.dst = path
            text = f"no route to {ip_text(skb.ip.dst)} after OUTPUT changed the packet"
            return Dropped(DropReason.NETFILTER_DROP, text)
        skb.dst = path
        self._tell_route(skb, path)
        return None

    def _tell_route(self, skb: Skb, path: Path) -> None:
        if path.route is not None:
            skb.hop.step(RouteStep(skb.ip.dst, path.route))

    def finish(self, skb: Skb) -> Verdict:
        """POSTROUTING, then size and neighbour (Linux: ip_output, ip_mc_output)."""
        path = skb.dst
        assert isinstance(path, Path)
        lost = None
        if skb.dev is None and self.routing.hears_itself(path, skb.ip.dst):
            copy = skb.clone()
            lost = self.hooks.run(Hook.POSTROUTING, copy, None, path.dev)
            if lost is None:
                self._loop_back(copy, path.dev)
        left = self._leave(skb, path)
        return left if lost is None else forked([lost, left])

    def _leave(self, skb: Skb, path: Path) -> Verdict:
        ended = self.hooks.run(Hook.POSTROUTING, skb, skb.dev, path.dev)
        if ended is not None:
            return ended
        mtu = self.path_mtu.of(path, skb.ip.dst) if skb.dev is None else forwarded_mtu(path)
        if skb.gso_size:
            return self._leave_as_segments(skb, path, mtu)
        if skb.ip.length > mtu or skb.frag_max_size:
            return self._fragment(skb, mtu, lambda piece: self.transmit(piece, path))
        return self.transmit(skb, path)

    def _leave_as_segments(self, skb: Skb, path: Path, mtu: int) -> Verdict:
        """Not yet, unless they are too big (Linux: ip_finish_output_gso)."""
        if longest(skb.network, skb.gso_size) <= mtu:
            return self.transmit(skb, path)
        return self._segment(
            skb, lambda part: self._fragment(part, mtu, lambda piece: self.transmit(piece, path))
        )

    def _fragment(self, skb: Skb, mtu: int, send: Callable[[Skb], Verdict]) -> Verdict:
        """Linux: ip_fragment."""
        tight = 0 < mtu < skb.frag_max_size
        if skb.ip.df and (not skb.frag_max_size or tight):
            return self.too_big(skb, mtu)
        return self.cut(skb, mtu, send)

    def too_big(self, skb: Skb, mtu: int) -> Verdict:
        """It must not be fragmented: 3/4 with the MTU that it met (RFC 1191)."""
        words = self.icmp.error(skb, icmp.DEST_UNREACH, icmp.FRAG_NEEDED, mtu)
        text = f"{skb.ip.length} bytes, MTU {mtu}, don't-fragment is set; {words}"
        return Dropped(DropReason.PKT_TOO_BIG, text)

    def cut(self, skb: Skb, mtu: int, send: Callable[[Skb], Verdict]) -> Verdict:
        """Send in pieces of at most ``mtu`` bytes, no larger than it came in."""
        if skb.frag_max_size:
            mtu = min(mtu, skb.frag_max_size)
        if skb.ip.length <= mtu:
            return send(skb)
        pieces = []
        read = skb.options is not None
        for data in fragments(skb.network, mtu, skb.pieces, skb.frag_pmtu, read):
            piece = skb.clone()
            piece.network = data
            piece.unsummed = False  # Linux: ip_do_fragment
            pieces.append(piece)
        return self._send_each(pieces, send)

    def _send_each(self, pieces: list[Skb], send: Callable[[Skb], Verdict]) -> Verdict:
        """In order; where one is lost at once, so is the rest (Linux: ip_do_fragment)."""
        verdicts: list[Verdict] = []
        while pieces:
            piece = pieces.pop(0)
            verdicts.append(send(piece))
            if isinstance(verdicts[-1], Dropped):
                break
            if pieces and piece.paced:
                verdicts.append(self._later(pieces, lambda rest: self._send_each(rest, send)))
                break
        return forked(verdicts)

    def transmit(self, skb: Skb, path: Path) -> Verdict:
        """Write the Ethernet header and hand it to the device (Linux: ip_finish_output2)."""
        dev = path.dev
        skb.protocol = ETH_P_IP
        if not dev.link_layer:
            skb.header = b""
            return dev.transmit(skb)
        if dev.kind == "loopback":
            return self._with_header(skb, dev, bytes(6))
        if path.type is RouteType.BROADCAST:
            return self._with_header(skb, dev, BROADCAST_MAC)
        if path.type is RouteType.MULTICAST:
            return self._with_header(skb, dev, group_mac(skb.ip.dst))
        entry = self.neighbours.create(path.nexthop, dev)
        return self.neighbours.output(entry, skb, dev.transmit)

    def _with_header(self, skb: Skb, dev: Interface, mac: bytes) -> Verdict:
        skb.header = Ethernet(mac, dev.mac, ETH_P_IP).emit()
        return dev.transmit(skb)
