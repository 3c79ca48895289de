"""How segments of one connection get on their way: times and IP ids.

Law: they leave in order. What leaves in one go is one packet as long
as it is in this node (GSO); one that the node refuses was never sent, and neither is what was to
follow it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pknet.netns.ip_options import NOTHING, Echo
from pknet.netns.route import Path
from pknet.netns.socket.network import Network
from pknet.netns.socket.tcp.segment import Burst, Segment
from pknet.wire import ipv4

Key = tuple[int, int, int, int]  # local address and port, the peer's
TTL = "net.ipv4.ip_default_ttl"


class Outlet:
    """``ident``: the first IP id (Linux: inet_id, counted for each connection). ``carried``: the
    IP options that its SYN asked for (Linux: ireq_opt).

    ``stands(burst)``: whether it is still to be sent when its turn comes; ``refused(burst)`` hears
    that this node did not let it go.
    """

    def __init__(
        self, network: Network, key: Key, ident: int,
        stands: Callable[[Burst], bool], refused: Callable[[Burst], None],
    ) -> None:  # fmt: skip
        self._network = network
        self._key = key
        self._ident = ident
        self._stands = stands
        self._refused = refused
        self.carried: Echo = NOTHING
        self._free_at = 0  # the next burst may leave then

    def send(self, burst: Burst, delay: int, *, own_idents: bool) -> None:
        """In ``delay`` ns, or as soon as those before have left."""
        clock = self._network.clock
        self._free_at = max(self._free_at, clock.now + delay)
        if self._free_at == clock.now:  # in softirq, before whatever else waits
            clock.soon(self._originate, burst, own_idents)
        else:
            clock.at(self._free_at, self._originate, burst, own_idents)
            self._free_at += 1

    def hurry(self) -> None:
        """What is sent from now on need not wait for what was to leave before."""
        self._free_at = self._network.clock.now

    def _next_ident(self, count: int) -> int:
        """The first of ``count`` (Linux: ip_select_ident_segs)."""
        ident, self._ident = self._ident, (self._ident + count) & 0xFFFF
        return ident

    def _originate(self, burst: Burst, own_idents: bool) -> None:
        """Linux: __ip_queue_xmit."""
        if not self._stands(burst):
            return
        network = self._network
        address, port, peer, peer_port = self._key
        first = self.carried.first or peer
        path = network.routing.output(first, address)
        if not isinstance(path, Path):  # the way is gone for now: a timer tries again
            self._refused(burst)
            return
        data = whole(burst).emit(address, peer, port, peer_port)
        # A SYN-ACK is never so long that it had to be cut (Linux: ip_build_and_send_pkt).
        df = not own_idents or not network.path_mtu.locked(first)
        ident = self._next_ident(len(burst)) if own_idents else 0
        ttl = network.sysctls.integer(TTL)
        skb = network.own.originate(
            path, ipv4.TCP, address, first, data, ident=ident, df=df, ttl=ttl, tos=0,
            carried=self.carried.written(address, peer, network.options.time),
        )  # fmt: skip
        skb.unsummed = True
        skb.refused = lambda errno: self._refused(burst)
        if len(burst) > 1:
            skb.gso_size = len(burst[0].payload)


def whole(burst: Burst) -> Segment:
    """The segments of a burst as the one of which they are made."""
    payload = b"".join(segment.payload for segment in burst)
    return replace(burst[0], flags=burst[-1].flags, payload=payload)
