"""One file for each match; this is where they are registered."""

from pknet.netns.netfilter.extension import Match
from pknet.netns.netfilter.matches.addrtype import Addrtype
from pknet.netns.netfilter.matches.comment import Comment
from pknet.netns.netfilter.matches.conntrack import ConntrackMatch
from pknet.netns.netfilter.matches.icmp import IcmpMatch
from pknet.netns.netfilter.matches.icmp6 import Icmp6Match
from pknet.netns.netfilter.matches.mark import MarkMatch
from pknet.netns.netfilter.matches.multiport import Multiport
from pknet.netns.netfilter.matches.physdev import Physdev
from pknet.netns.netfilter.matches.recent import Recent
from pknet.netns.netfilter.matches.sctp import SctpMatch
from pknet.netns.netfilter.matches.set import SetMatch
from pknet.netns.netfilter.matches.state import StateMatch
from pknet.netns.netfilter.matches.statistic import Statistic
from pknet.netns.netfilter.matches.tcp import TcpMatch
from pknet.netns.netfilter.matches.udp import UdpMatch
from pknet.netns.netfilter.protocols import ICMP, ICMPV6, SCTP, TCP, UDP

#: By the name that follows ``-m``.
MATCHES: dict[str, type[Match]] = {
    match.name: match
    for match in (
        Addrtype, Comment, ConntrackMatch, Icmp6Match, IcmpMatch, MarkMatch, Multiport, Physdev,
        Recent, SctpMatch, SetMatch, StateMatch, Statistic, TcpMatch, UdpMatch,
    )
}  # fmt: skip

_BOTH: dict[int, type[Match]] = {TCP: TcpMatch, UDP: UdpMatch, SCTP: SctpMatch}
#: By family and protocol: the match whose options follow a mere ``-p``.
IMPLIED: dict[int, dict[int, type[Match]]] = {
    4: {**_BOTH, ICMP: IcmpMatch},
    6: {**_BOTH, ICMPV6: Icmp6Match},
}
