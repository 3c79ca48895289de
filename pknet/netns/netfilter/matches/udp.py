"""-m udp (Linux: net/netfilter/xt_tcpudp.c)."""

from __future__ import annotations

from pknet.netns.netfilter.matches.ports import PortMatch


class UdpMatch(PortMatch):
    """Ports."""

    name = protocol = "udp"
    options = {  # noqa: RUF012
        "--sport": 1, "--source-port": 1, "--dport": 1, "--destination-port": 1,
    }  # fmt: skip
