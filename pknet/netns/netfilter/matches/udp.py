"""-m udp (Linux: net/netfilter/xt_tcpudp.c, udp_mt)."""

from __future__ import annotations

from pknet.netns.netfilter.matches.ports import PORT_OPTIONS, PortMatch
from pknet.netns.netfilter.protocols import UDP


class UdpMatch(PortMatch):
    """Ports."""

    name = "udp"
    protocol = UDP
    header_size = 8
    options = PORT_OPTIONS
