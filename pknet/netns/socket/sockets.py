"""Everything that listens in a namespace.

Law: a packet for this host is taken in by exactly one socket, or refused in the way its
protocol has.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.skb import Skb
from pknet.netns.socket.icmp_error import IcmpError
from pknet.netns.socket.network import Network
from pknet.netns.socket.programs.listener import serve_tcp, serve_udp
from pknet.netns.socket.tcp.layer import TcpLayer
from pknet.netns.socket.udp import UdpLayer
from pknet.trace import Verdict
from pknet.wire import icmp, ipv4

#: Hears every ICMP message that was delivered.
RawListener = Callable[[Skb], None]


class Sockets:
    """The sockets of one namespace."""

    def __init__(self, network: Network) -> None:
        self.tcp = TcpLayer(network)
        self.udp = UdpLayer(network)
        self._network = network
        self._raw: list[RawListener] = []
        #: By protocol: whether an error is about something that was sent (Linux: err_handler).
        self.believers: dict[int, Callable[[IcmpError], bool]] = {
            ipv4.TCP: self.tcp.believes,
            ipv4.UDP: self.udp.believes,
            ipv4.ICMP: self._believes_icmp,
        }

    def listen(self, protocol: str, port: int, reply: bytes, read: int | None) -> None:
        """A program that reads once (or ``read`` bytes), replies, and closes after the client.

        Raises ValueError("EADDRINUSE").
        """
        if protocol == "tcp":
            serve_tcp(self.tcp, port, reply, read or 1)
        else:
            serve_udp(self._network, self.udp, port, reply)

    def deliver(self, skb: Skb) -> Verdict:
        """TCP or UDP."""
        layer = self.tcp if skb.ip.protocol == ipv4.TCP else self.udp
        return layer.deliver(skb)

    def icmp(self, skb: Skb) -> None:
        """An ICMP message was delivered: raw sockets hear it (Linux: raw_local_deliver)."""
        for listener in list(self._raw):
            listener(skb)

    def add_raw(self, listener: RawListener) -> None:
        """Open a raw ICMP socket."""
        self._raw.append(listener)

    def remove_raw(self, listener: RawListener) -> None:
        """Close it."""
        self._raw.remove(listener)

    def icmp_error(self, error: IcmpError) -> None:
        """The message just delivered is an error."""
        if error.header.protocol == ipv4.TCP:
            self.tcp.error(error)
        elif error.header.protocol == ipv4.UDP:
            self.udp.error(error)

    def believes(self, error: IcmpError) -> bool:
        """Whether what ``error`` says of the way counts: its packet is of a socket that is open."""
        believes = self.believers.get(error.header.protocol)
        return believes is not None and believes(error)

    def _believes_icmp(self, error: IcmpError) -> bool:
        return bool(self._raw) or error.quoted[0] == icmp.ECHO_REPLY  # the kernel's own
