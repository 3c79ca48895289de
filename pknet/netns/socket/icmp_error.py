"""What an ICMP error tells a socket (Linux: icmp_err_convert, tcp_v4_err, __udp4_lib_err)."""

from __future__ import annotations

from dataclasses import dataclass

from pknet.netns.icmp_quote import quoted
from pknet.netns.socket.programs.results import IcmpFrom
from pknet.wire import icmp
from pknet.wire.address import ip_text
from pknet.wire.ipv4 import Ipv4

#: Codes of destination unreachable: the errno, and whether it ends even what is established.
_UNREACHABLE = {
    0: ("ENETUNREACH", False), 1: ("EHOSTUNREACH", False), 2: ("ENOPROTOOPT", True),
    3: ("ECONNREFUSED", True), 4: ("EMSGSIZE", False), 5: ("EOPNOTSUPP", False),
    6: ("ENETUNREACH", True), 7: ("EHOSTDOWN", True), 8: ("ENONET", True),
    9: ("ENETUNREACH", True), 10: ("EHOSTUNREACH", True), 11: ("ENETUNREACH", False),
    12: ("EHOSTUNREACH", False), 13: ("EHOSTUNREACH", True), 14: ("EHOSTUNREACH", True),
    15: ("EHOSTUNREACH", True),
}  # fmt: skip

_PORTS_AND_SEQUENCE = 8  # bytes that every quote has (RFC 792)


@dataclass(frozen=True, slots=True)
class IcmpError:
    """An error message about a packet of ours. ``quoted`` is its IP header and what follows."""

    kind: int
    code: int
    rest: int
    sender: int
    header: Ipv4
    quoted: bytes

    @classmethod
    def of(cls, sender: int, data: bytes) -> IcmpError | None:
        """``data`` is an ICMP message; None where it is no error, or quotes no ports."""
        message, quote = icmp.Icmp.parse(data), quoted(data)
        if message.type not in icmp.ERRORS or quote is None:
            return None
        header, inner = quote
        payload = inner[header.header_length :]
        if len(payload) < _PORTS_AND_SEQUENCE:
            return None
        return cls(message.type, message.code, message.rest, sender, header, payload)

    @property
    def ports(self) -> tuple[int, int]:
        """Ours, and the peer's."""
        return int.from_bytes(self.quoted[:2], "big"), int.from_bytes(self.quoted[2:4], "big")

    @property
    def seq(self) -> int:
        """Of the TCP segment that is quoted."""
        return int.from_bytes(self.quoted[4:8], "big")

    @property
    def too_big(self) -> bool:
        """It tells of a smaller MTU (RFC 1191)."""
        return (self.kind, self.code) == (icmp.DEST_UNREACH, icmp.FRAG_NEEDED)

    @property
    def no_way(self) -> bool:
        """The network or the host cannot be reached, perhaps only for now (RFC 6069)."""
        unreachable = (icmp.NET_UNREACH, icmp.HOST_UNREACH)
        return self.kind == icmp.DEST_UNREACH and self.code in unreachable

    @property
    def mtu(self) -> int:
        """The MTU it tells of."""
        return self.rest & 0xFFFF

    @property
    def told(self) -> IcmpFrom:
        """For a program's result."""
        return self.kind, self.code, ip_text(self.sender)

    @property
    def errno(self) -> str | None:
        """What a socket that is not established fails with; None: it says nothing to sockets."""
        return self._meaning[0]

    @property
    def fatal(self) -> bool:
        """It ends a connected UDP socket's wait."""
        return self._meaning[1]

    @property
    def _meaning(self) -> tuple[str | None, bool]:
        if self.kind == icmp.DEST_UNREACH:
            return _UNREACHABLE.get(self.code, (None, False))
        if self.kind == icmp.TIME_EXCEEDED:
            return "EHOSTUNREACH", False
        if self.kind == icmp.PARAMETER_PROBLEM:
            return "EPROTO", True
        return None, False
