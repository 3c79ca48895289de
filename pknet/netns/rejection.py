"""What REJECT sends back (Linux: net/ipv4/netfilter/nf_reject_ipv4.c).

Law: only a whole packet with a right checksum is answered, and no broadcast with a reset.
"""

from __future__ import annotations

from pknet.link.interface import Interface
from pknet.link.skb import Skb
from pknet.netns.conntrack import Conntrack
from pknet.netns.reset import reset_for
from pknet.netns.route import Path, RouteType
from pknet.netns.stack import Stack
from pknet.wire import icmp, ipv4, udp
from pknet.wire.checksum import checksum, pseudo_header
from pknet.wire.ethernet import ETH_P_IP, Ethernet

#: No sum of the whole payload, or none in 16 bits (Linux: nf_reject_verify_csum):
#: DCCP, GRE, ESP, AH, SCTP, UDP-Lite.
_UNCHECKED = frozenset({33, 47, 50, 51, 132, 136})


def answer(stack: Stack, conntrack: Conntrack | None, skb: Skb, code: int | None) -> str:
    """ICMP 3/``code``, or a TCP reset where that is None; what came of it in words."""
    if code is None:
        return _reset(stack, conntrack, skb)
    if not skb.ip.offset and not _verified(skb):
        return "no ICMP error: its checksum is wrong, or it is a piece of a packet"
    return stack.icmp.error(skb, icmp.DEST_UNREACH, code)


def _verified(skb: Skb) -> bool:
    """Linux: nf_send_unreach, nf_ip_checksum; what is of neither UDP nor TCP is summed bare."""
    header, payload = skb.ip, skb.payload
    if skb.unsummed or header.protocol in _UNCHECKED:
        return True
    if header.protocol == ipv4.UDP and len(payload) >= udp.HEADER_LENGTH and not any(payload[6:8]):
        return True
    if header.protocol in (ipv4.TCP, ipv4.UDP):
        payload = pseudo_header(header.src, header.dst, header.protocol, len(payload)) + payload
    return not checksum(payload)


def _reset(stack: Stack, conntrack: Conntrack | None, skb: Skb) -> str:
    """Linux: nf_send_reset."""
    if isinstance(skb.dst, Path) and skb.dst.type in (RouteType.BROADCAST, RouteType.MULTICAST):
        return "a broadcast is never answered by a reset"
    data = reset_for(skb.network, stack.sysctls.integer("net.ipv4.ip_default_ttl"))
    if data is None:
        return "a reset is never answered"
    whose = stack.routing.address_type(skb.ip.dst)
    source = skb.ip.dst if whose in (RouteType.LOCAL, RouteType.UNICAST) else 0
    path = stack.routing.output(skb.ip.src, source)  # Linux: ip_route_me_harder
    if not isinstance(path, Path):
        return "no reset is sent: there is no way back"
    reset = stack.own.skb(data, path)
    reset.unsummed = True  # Linux: nf_reject_ip_tcphdr_put
    if conntrack is not None:
        conntrack.attach(reset, skb)
        conntrack.closing(skb)
    if skb.bridge is None:
        stack.own.launch(reset)
        return "a TCP reset goes back"
    return _by_port(stack, reset, skb, skb.bridge.physin)


def _by_port(stack: Stack, reset: Skb, skb: Skb, port: Interface) -> str:
    """What came over a bridge is answered as by its receiver: with that one's MAC, by the port it
    came in by, past every hook."""
    reset.header = Ethernet(skb.source, skb.destination, ETH_P_IP).emit()
    stack.own.launch_by(port, reset)
    return f"a TCP reset goes back by {port.name}"
