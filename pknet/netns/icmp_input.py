"""ICMP that comes in: what is wrong with it, and what answers it (Linux: icmp_rcv).

Law: a message dies only of itself or of whom it was sent to; that nobody waits for it is no
death. Errors quote a packet of ours: they are for the sockets.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.skb import Skb
from pknet.netns.icmp import MAX_TYPE
from pknet.netns.ip_options import IpOptions
from pknet.netns.own_packets import OwnPackets
from pknet.netns.route import NoPath, Path, RouteType
from pknet.netns.routing import Routing
from pknet.netns.sysctl import Sysctls
from pknet.trace import Delivered, Dropped, DropReason, Verdict
from pknet.wire import icmp, ipv4
from pknet.wire.address import ip_text
from pknet.wire.checksum import checksum
from pknet.wire.icmp import Icmp

#: What may be asked of everybody (RFC 1122, sections 3.2.2.6 to 3.2.2.9).
_FOR_ALL = frozenset({icmp.ECHO_REQUEST, icmp.TIMESTAMP, icmp.MASK_REQUEST, icmp.MASK_REPLY})
_BY_SYSCTL = frozenset({icmp.ECHO_REQUEST, icmp.TIMESTAMP})
#: RFC 8335, answered only where net.ipv4.icmp_echo_enable_probe says so, which nobody sets.
_PROBES = frozenset({icmp.EXTENDED_ECHO_REQUEST, icmp.EXTENDED_ECHO_REPLY})
_ORIGINATED = 4  # bytes of a timestamp request that its answer repeats


class IcmpInput:
    """The receiving side of one namespace.

    ``copy`` hears every message that was delivered (Linux: raw_local_deliver), ``heed`` every error
    that is well formed (Linux: icmp_socket_deliver).
    """

    def __init__(
        self,
        routing: Routing,
        sysctls: Sysctls,
        own: OwnPackets,
        options: IpOptions,
        copy: Callable[[Skb], None],
        heed: Callable[[Skb], None],
    ) -> None:
        self.routing = routing
        self.sysctls = sysctls
        self._own = own
        self._options = options
        self._copy = copy
        self._heed = heed

    def receive(self, skb: Skb) -> Verdict:
        """An ICMP message for this host.

        A raw socket has a copy of whatever comes (raw_local_deliver), and its program reads it
        when the stack is done with the packet.
        """
        verdict = self._take(skb)
        if len(skb.payload) >= icmp.HEADER_LENGTH:
            self._copy(skb)
        return verdict

    def _take(self, skb: Skb) -> Verdict:
        data = skb.payload
        if checksum(data):
            return Dropped(DropReason.ICMP_CSUM)
        if len(data) < icmp.HEADER_LENGTH:
            return Dropped(DropReason.PKT_TOO_SMALL, "no whole ICMP header")
        message = Icmp.parse(data)
        if message.type != icmp.EXTENDED_ECHO_REQUEST and not self._for_one(skb):
            refused = self._not_for_all(message)
            if refused is not None:
                return Dropped(DropReason.INVALID_PROTO, refused)
        if message.type > MAX_TYPE and message.type not in _PROBES:
            return Dropped(DropReason.UNHANDLED_PROTO, f"unknown ICMP type {message.type}")
        return self._handle(skb, message, data)

    def _handle(self, skb: Skb, message: Icmp, data: bytes) -> Verdict:
        if message.type in icmp.ERRORS:
            return self._error(skb, message, data[icmp.HEADER_LENGTH :])
        if message.type == icmp.ECHO_REQUEST:
            return self._echo(skb, data, message)
        if message.type == icmp.TIMESTAMP:
            return self._timestamp(skb, message, data[icmp.HEADER_LENGTH :])
        return Delivered(f"ICMP {message.type}/{message.code}")

    def _for_one(self, skb: Skb) -> bool:
        return isinstance(skb.dst, Path) and skb.dst.type is RouteType.LOCAL

    def _not_for_all(self, message: Icmp) -> str | None:
        """Why a message to a broadcast or a group is not taken; None: it is."""
        if message.type not in _FOR_ALL:
            return f"ICMP {message.type}/{message.code} to everybody"
        ignores = self.sysctls.integer("net.ipv4.icmp_echo_ignore_broadcasts")
        if message.type in _BY_SYSCTL and ignores:
            return f"ICMP {message.type}/{message.code}, ignored: icmp_echo_ignore_broadcasts"
        return None

    def _error(self, skb: Skb, message: Icmp, quote: bytes) -> Verdict:
        """Linux: icmp_unreach, icmp_redirect."""
        if len(quote) < ipv4.MIN_HEADER:
            return Dropped(DropReason.PKT_TOO_SMALL, "an ICMP error that quotes no whole header")
        if quote[0] & 0xF < ipv4.MIN_HEADER // 4 and message.type != icmp.REDIRECT:
            return Dropped(DropReason.IP_INHDR, "an ICMP error that quotes no header")
        self._heed(skb)
        return Delivered(f"ICMP {message.type}/{message.code}")

    def _echo(self, skb: Skb, data: bytes, message: Icmp) -> Verdict:
        """RFC 792, echo; RFC 1122, section 3.2.2.6 (Linux: icmp_echo)."""
        if self.sysctls.integer("net.ipv4.icmp_echo_ignore_all"):
            return Delivered("ICMP echo-request, ignored: icmp_echo_ignore_all")
        return self._answer(skb, "ICMP echo-request", icmp.ECHO_REPLY, message.code, data)

    def _timestamp(self, skb: Skb, message: Icmp, data: bytes) -> Verdict:
        """RFC 792, timestamp (Linux: icmp_timestamp). Midnight is when the clock began."""
        if len(data) < _ORIGINATED:
            return Dropped(DropReason.PKT_TOO_SMALL, "no whole timestamp")
        now = self._options.time.to_bytes(4, "big")
        reply = bytes(4) + message.rest.to_bytes(4, "big") + data[:_ORIGINATED] + now + now
        return self._answer(skb, "ICMP timestamp request", icmp.TIMESTAMP_REPLY, 0, reply)

    def _answer(self, skb: Skb, name: str, kind: int, code: int, data: bytes) -> Verdict:
        """``data`` with another type and code goes back (Linux: icmp_reply)."""
        header = skb.ip
        source = header.dst if self._for_one(skb) else 0
        carried = self._options.echo(skb)
        if carried is None:
            return Delivered(f"{name}; its options leave no room for an answer")
        to = carried.first or header.src
        path = self.routing.output(to, source)
        if isinstance(path, NoPath):
            return Delivered(f"{name}; no way back to {ip_text(to)}")
        rest = int.from_bytes(data[4 : icmp.HEADER_LENGTH], "big")
        reply = icmp.build(kind, code, rest, data[icmp.HEADER_LENGTH :])
        ttl = self.sysctls.integer("net.ipv4.ip_default_ttl")
        sent = self._own.originate(
            path, ipv4.ICMP, source or path.source, to, reply, ident=None, df=False, ttl=ttl,
            tos=header.tos,
            carried=carried.written(source or path.source, header.src, self._options.time),
        )  # fmt: skip
        sent.by_icmp = True
        return Delivered(f"{name}, answered")
