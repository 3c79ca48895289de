"""-m icmp6 (Linux: net/netfilter/xt_tcpudp.c, icmp6_match): read and printed."""

from __future__ import annotations

from pknet.netns.netfilter.extension import Option
from pknet.netns.netfilter.matches.icmp import IcmpMatch, every_code, one_code
from pknet.netns.netfilter.protocols import ICMPV6


class Icmp6Match(IcmpMatch):
    """Type and code of ICMPv6."""

    name = "icmp6"
    families = (6,)
    number = ICMPV6
    options = {"--icmpv6-type": Option(invertible=True, required=True)}
    names = {
        "destination-unreachable": every_code(1), "no-route": one_code(1, 0),
        "communication-prohibited": one_code(1, 1), "beyond-scope": one_code(1, 2),
        "address-unreachable": one_code(1, 3), "port-unreachable": one_code(1, 4),
        "failed-policy": one_code(1, 5), "reject-route": one_code(1, 6),
        "packet-too-big": every_code(2), "time-exceeded": every_code(3),
        "ttl-exceeded": every_code(3), "ttl-zero-during-transit": one_code(3, 0),
        "ttl-zero-during-reassembly": one_code(3, 1), "parameter-problem": every_code(4),
        "bad-header": one_code(4, 0), "unknown-header-type": one_code(4, 1),
        "unknown-option": one_code(4, 2), "echo-request": every_code(128),
        "ping": every_code(128), "echo-reply": every_code(129), "pong": every_code(129),
        "router-solicitation": every_code(133), "router-advertisement": every_code(134),
        "neighbour-solicitation": every_code(135), "neighbor-solicitation": every_code(135),
        "neighbour-advertisement": every_code(136), "neighbor-advertisement": every_code(136),
        "redirect": every_code(137),
    }  # fmt: skip
