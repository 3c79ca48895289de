"""ICMP: the errors that a host or router sends (RFC 792, RFC 1122).

Law: an error quotes the packet as this node received it, is never sent about an error, a
fragment's tail or a broadcast, and needs a way back: where there is none, the trace says so.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.skb import PacketType, Skb
from pknet.netns.icmp_quote import quote
from pknet.netns.ip_options import IpOptions
from pknet.netns.own_packets import OwnPackets
from pknet.netns.peers import Peers
from pknet.netns.route import Path, RouteType
from pknet.netns.routing import Routing
from pknet.netns.sysctl import Sysctls
from pknet.trace import Step
from pknet.wire import icmp, ipv4
from pknet.wire.address import ip_text

QUOTE_LIMIT = 576  # bytes the whole error may have (RFC 1812, section 4.3.2.3)
PRECEDENCE_INTERNETCONTROL = 0xC0
TOS_MASK = 0x1E  # Linux: IPTOS_TOS_MASK
#: Types that net.ipv4.icmp_ratemask limits by default.
LIMITED = frozenset({icmp.DEST_UNREACH, icmp.TIME_EXCEEDED, icmp.PARAMETER_PROBLEM})
MAX_TYPE = 18  # Linux: NR_ICMP_TYPES
#: No error is sent about these: errors, types nobody ever defined, and those of router discovery
#: (Linux: icmp_pointers[].error).
UNANSWERED = icmp.ERRORS | {1, 2, 6, 7, 9, 10}


class IcmpStep(Step):
    """An error that was sent, or why none was."""

    __slots__ = ("what",)
    detail = True  # the verdict that follows says it again

    def __init__(self, what: str) -> None:
        self.what = what

    def __str__(self) -> str:
        return f"ICMP {self.what}"


class IcmpLayer:
    """The ICMP of one namespace.

    ``associate(answer, about)`` makes an error part of the connection that it is about, which the
    table may not hold yet (nf_ct_attach).
    """

    def __init__(
        self,
        routing: Routing,
        sysctls: Sysctls,
        peers: Peers,
        own: OwnPackets,
        options: IpOptions,
        associate: Callable[[Skb, Skb], None],
    ) -> None:
        self.routing = routing
        self.sysctls = sysctls
        self.peers = peers
        self._own = own
        self._options = options
        self._associate = associate

    # --- errors

    def error(self, skb: Skb, kind: int, code: int, info: int = 0) -> str:
        """Answer ``skb`` with an error; returns in words what came of it (Linux: icmp_send)."""
        words = self._error(skb, kind, code, info)
        skb.hop.step(IcmpStep(words))
        return words

    def no_way(self, skb: Skb, code: int) -> str:
        """Answer with 3/``code``, if its sender has not just been told (Linux: ip_error)."""
        if self.peers.may_hear_of_no_way(skb.ip.src):
            return self.error(skb, icmp.DEST_UNREACH, code)
        words = f"no ICMP error: {ip_text(skb.ip.src)} has just been sent one"
        skb.hop.step(IcmpStep(words))
        return words

    def redirect(self, skb: Skb, gateway: int) -> bool:
        """Tell the sender of a shorter way, now and then; whether it was time to.

        Linux: ip_rt_send_redirect.
        """
        due = self.peers.may_be_redirected(skb.ip.src)
        if due:
            self.error(skb, icmp.REDIRECT, icmp.REDIRECT_HOST, gateway)
        return due

    def _error(self, skb: Skb, kind: int, code: int, info: int) -> str:
        refused = self._refusal(skb)
        if refused:
            return f"no ICMP error: {refused}"
        header = skb.ip
        source = self._error_source(skb)
        carried = self._options.echo(skb)
        if carried is None:
            return "no ICMP error: its options leave no room for an answer"
        path = self.routing.output(carried.first or header.src, source)
        if not isinstance(path, Path):
            return f"no way back to {ip_text(header.src)}, so no ICMP error"
        limited = kind in LIMITED and (kind, code) != (icmp.DEST_UNREACH, icmp.FRAG_NEEDED)
        if limited and path.dev.kind != "loopback":
            self.peers.told(header.src)
        room = min(QUOTE_LIMIT, self._own.room(path, carried.first or header.src))
        room -= ipv4.MIN_HEADER + icmp.HEADER_LENGTH
        room -= len(carried.data)
        if room <= ipv4.MIN_HEADER:  # where options and a small MTU leave nothing to quote
            return "no ICMP error: there is no room for it"
        message = icmp.build(kind, code, info, quote(skb)[:room])
        tos = header.tos & TOS_MASK | PRECEDENCE_INTERNETCONTROL
        answer = self._own.originate(
            path, ipv4.ICMP, source or path.source, carried.first or header.src, message,
            ident=None, df=False, ttl=self._ttl(), tos=tos,
            carried=carried.written(source or path.source, header.src, self._options.time),
        )  # fmt: skip
        answer.by_icmp = True
        self._associate(answer, skb)
        return f"error {kind}/{code} goes to {ip_text(header.src)}"

    def _refusal(self, skb: Skb) -> str | None:
        """Why no error may be sent about this packet (RFC 1122, section 3.2.2)."""
        header = skb.ip
        if skb.by_icmp:
            return "the ICMP socket is busy with it"
        if skb.type is not PacketType.HOST:
            return "the frame was not for this station alone"
        if isinstance(skb.dst, Path) and skb.dst.type in (RouteType.BROADCAST, RouteType.MULTICAST):
            return "it was a broadcast"
        if header.offset:
            return "it is not the first fragment"
        if header.protocol == ipv4.ICMP and self._quotes_error(skb):
            return "it is itself an ICMP error"
        return None

    def _quotes_error(self, skb: Skb) -> bool:
        payload = skb.network[skb.ip.header_length :]
        return not payload or payload[0] > MAX_TYPE or payload[0] in UNANSWERED

    def _error_source(self, skb: Skb) -> int:
        """The address it was sent to, if ours; else what the way back chooses (0).

        A bridged packet has no route, and so no way in (Linux: rt_is_input_route).
        """
        if isinstance(skb.dst, Path) and skb.dst.type is RouteType.LOCAL:
            return skb.ip.dst
        routed_in = skb.dev is not None and skb.dst is not None
        inbound = routed_in and self.sysctls.integer("net.ipv4.icmp_errors_use_inbound_ifaddr")
        return self.routing.addresses.select(skb.dev, skb.ip.src) if inbound else 0

    def _ttl(self) -> int:
        return self.sysctls.integer("net.ipv4.ip_default_ttl")
