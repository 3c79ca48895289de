"""The reset that answers a segment for which there is no connection (Linux: tcp_v4_send_reset).

Law: what was sent to more than one host is never answered, and a reset never answers a reset.
"""

from __future__ import annotations

from pknet.link.skb import Skb
from pknet.netns.reset import reset_for
from pknet.netns.route import Path, RouteType
from pknet.netns.socket.network import Network
from pknet.netns.socket.tcp.outlet import TTL
from pknet.wire import ipv4
from pknet.wire.address import ip_text
from pknet.wire.ipv4 import Ipv4

_TOS_MASK = 0xFC  # a reset has the DSCP of what it answers, without its ECN bits


class Resets:
    """Of one namespace."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def answer(self, skb: Skb) -> str:
        """Answer with a reset; in words, what came of it (Linux: tcp_v4_send_reset)."""
        if not to_one_host(skb):
            return f"no reset comes from {ip_text(skb.ip.dst)}"
        ttl = self._network.sysctls.integer(TTL)
        answer = reset_for(skb.network, ttl)
        if answer is None:
            return "a reset is not answered"
        carried = self._network.options.echo(skb)
        if carried is None:
            return "no reset: the segment's IP options leave no room for an answer"
        to = carried.first or skb.ip.src
        path = self._network.routing.output(to, skb.ip.dst)
        if not isinstance(path, Path):
            return f"no way back to {ip_text(to)} for a reset"
        if path.type is RouteType.MULTICAST:
            ttl = 1  # as IP_MULTICAST_TTL has it (Linux: ip_send_unicast_reply, __ip_make_skb)
        size = Ipv4.parse(answer).header_length
        self._network.own.originate(
            path, ipv4.TCP, skb.ip.dst, to, answer[size:],
            ident=0, df=True, ttl=ttl, tos=skb.ip.tos & _TOS_MASK,
            carried=carried.written(skb.ip.dst, skb.ip.src, self._network.options.time),
        )  # fmt: skip
        return f"a reset goes to {ip_text(skb.ip.src)}"


def to_one_host(skb: Skb) -> bool:
    """Its address is one host's, ours (Linux: RTN_LOCAL)."""
    return isinstance(skb.dst, Path) and skb.dst.type is RouteType.LOCAL
