"""The client of a ``udp`` item: one datagram from a connected socket, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pknet.link.skb import Skb
from pknet.netns.route import NoPath
from pknet.netns.socket.programs.results import UdpResult
from pknet.netns.socket.tcp.layer import HARD
from pknet.netns.socket.udp import UdpSocket
from pknet.sim import Timer
from pknet.wire import icmp
from pknet.wire.address import ip_text

if TYPE_CHECKING:
    from pknet.netns.namespace import Namespace


class UdpClient:
    """One datagram; ``done`` hears the result once."""

    def __init__(
        self, node: Namespace, dst: int, port: int, done: Callable[[UdpResult], object], *,
        sport: int | None, payload: bytes, ttl: int = 64, df: bool = True, timeout: int,
    ) -> None:  # fmt: skip
        self.node = node
        self.dst = dst
        self.port = port
        self.sport = sport
        self.payload = payload
        self.ttl = ttl
        self.df = df
        self.timeout = timeout
        self._done = done
        self._socket: UdpSocket | None = None
        self._timer: Timer | None = None
        self._sender = 0

    def start(self) -> None:
        """Send the datagram."""
        path = self.node.routing.output(self.dst)
        if isinstance(path, NoPath):
            self.node.clock.after(0, self._done, UdpResult(error=path.error.name))
            return
        layer = self.node.sockets.udp
        try:
            key = (self.sport or layer.free_port(), self.dst, self.port)
            self._socket = layer.bind(key, self._receive, self._fail)
        except ValueError as error:
            self.node.clock.after(0, self._done, UdpResult(error=str(error)))
            return
        self.node.sockets.add_raw(self._hear)
        self._timer = self.node.clock.after(self.timeout, self._end, UdpResult(error="ETIMEDOUT"))
        self._socket.send(path, path.source, self.dst, self.port, self.payload, ttl=self.ttl,
                          df=self.df)  # fmt: skip

    def _receive(self, payload: bytes, src: int, sport: int, dst: int) -> None:
        self._end(UdpResult(payload))

    def _hear(self, skb: Skb) -> None:
        """Who sent the latest ICMP error."""
        if icmp.Icmp.parse(skb.payload).type in icmp.ERRORS:
            self._sender = skb.ip.src

    def _fail(self, kind: int, code: int) -> None:
        """Linux: icmp_err_convert; what is not fatal to a connected socket is let pass."""
        if (kind, code) in HARD:
            self._end(UdpResult(None, HARD[kind, code], (kind, code, ip_text(self._sender))))
        elif kind == icmp.TIME_EXCEEDED:
            self._end(UdpResult(None, "EHOSTUNREACH", (kind, code, ip_text(self._sender))))

    def _end(self, result: UdpResult) -> None:
        if self._socket is None or self._timer is None:
            return
        self._timer.cancel()
        self.node.sockets.udp.close(self._socket)
        self.node.sockets.remove_raw(self._hear)
        self._socket = None
        self._done(result)
