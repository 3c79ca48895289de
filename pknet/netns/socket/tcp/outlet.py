"""How segments of one connection get on their way: times and IP ids.

Law: they leave in order, no two at one instant.
"""

from __future__ import annotations

from pknet.netns.ip_options import NOTHING, Echo
from pknet.netns.route import Path
from pknet.netns.socket.network import Network
from pknet.netns.socket.tcp.segment import Burst, Segment
from pknet.wire import ipv4

Key = tuple[int, int, int, int]  # local address and port, the peer's
TTL = "net.ipv4.ip_default_ttl"


class Outlet:
    """``ident``: the first IP id (Linux: inet_id, counted for each connection). ``carried``: the
    IP options that its SYN asked for (Linux: ireq_opt)."""

    def __init__(self, network: Network, key: Key, ident: int) -> None:
        self._network = network
        self._key = key
        self._ident = ident
        self.carried: Echo = NOTHING
        self._free_at = 0  # the next segment may leave then

    def send(self, burst: Burst, delay: int, *, own_idents: bool) -> None:
        """In ``delay`` ns, or as soon as those before have left."""
        clock = self._network.clock
        for segment in burst:
            self._free_at = max(self._free_at, clock.now + delay)
            ident = self._next_ident() if own_idents else 0
            if self._free_at == clock.now:  # in softirq, before whatever else waits
                clock.soon(self._originate, segment, ident)
            else:
                clock.at(self._free_at, self._originate, segment, ident)
            self._free_at += 1

    def _next_ident(self) -> int:
        ident, self._ident = self._ident, (self._ident + 1) & 0xFFFF
        return ident

    def _originate(self, segment: Segment, ident: int) -> None:
        network = self._network
        address, port, peer, peer_port = self._key
        first = self.carried.first or peer
        path = network.routing.output(first, address)
        if isinstance(path, Path):  # else the way is gone for now: a timer tries again
            data = segment.emit(address, peer, port, peer_port)
            ttl = network.sysctls.integer(TTL)
            # A SYN-ACK is never so long that it had to be cut (Linux: ip_build_and_send_pkt).
            df = not ident or not network.path_mtu.locked(first)
            skb = network.own.originate(
                path, ipv4.TCP, address, first, data, ident=ident, df=df, ttl=ttl, tos=0,
                carried=self.carried.written(address, peer, network.options.time),
            )  # fmt: skip
            skb.unsummed = True
            skb.cut = segment.cut
