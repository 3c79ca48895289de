"""The client of a ``udp`` item: one datagram from a connected socket, and what comes back.

Law: only what Linux reports to a connected socket ends the wait. Other ICMP errors are kept for
the result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pknet.netns.address import this_host
from pknet.netns.route import NoPath, Path, RouteType
from pknet.netns.socket.icmp_error import IcmpError
from pknet.netns.socket.programs.results import IcmpFrom, UdpResult
from pknet.netns.socket.udp import Datagram, UdpSocket
from pknet.sim import Timer

if TYPE_CHECKING:
    from pknet.netns.namespace import Namespace


class UdpClient:
    """One datagram; ``done`` hears the result once."""

    def __init__(
        self, node: Namespace, dst: int, port: int, done: Callable[[UdpResult], object], *,
        sport: int | None, payload: bytes, ttl: int = 64, df: bool = True, timeout: int,
    ) -> None:  # fmt: skip
        self.node = node
        self.dst = this_host(dst)
        self.port = port
        self.sport = sport
        self.payload = payload
        self.ttl = ttl
        self.df = df
        self.timeout = timeout
        self._done = done
        self._socket: UdpSocket | None = None
        self._timer: Timer | None = None
        self._icmp: IcmpFrom | None = None

    def start(self) -> None:
        """Send the datagram."""
        path = self.node.routing.output(self.dst)
        opened = path.error.name if isinstance(path, NoPath) else self._open(path)
        if isinstance(opened, str):
            self.node.clock.after(0, self._done, UdpResult(error=opened))
            return
        assert isinstance(path, Path)
        self._socket = opened
        opened.fail = self._fail
        opened.refused = lambda errno: self._end(UdpResult(error=errno))
        self._timer = self.node.clock.after(self.timeout, self._timed_out)
        opened.send(path, self.dst, self.port, self.payload, ttl=self.ttl, df=self.df)

    def _open(self, path: Path) -> UdpSocket | str:
        """The socket, or the errno for which nothing is sent."""
        if path.type is RouteType.BROADCAST:
            return "EACCES"  # without SO_BROADCAST
        try:
            peer = (self.dst, self.port)
            return self.node.sockets.udp.bind(self.sport, peer, self._receive)
        except ValueError as error:
            return str(error)

    def _receive(self, socket: UdpSocket, datagram: Datagram) -> None:
        self._end(UdpResult(datagram.payload))

    def _fail(self, error: IcmpError) -> None:
        """Linux: __udp4_lib_err."""
        self._icmp = error.told
        if error.fatal or (error.too_big and self.df):
            self._end(UdpResult(None, error.errno, self._icmp))

    def _timed_out(self) -> None:
        self._end(UdpResult(None, "ETIMEDOUT", self._icmp))

    def _end(self, result: UdpResult) -> None:
        assert self._socket is not None
        assert self._timer is not None
        self._timer.cancel()
        self.node.sockets.udp.close(self._socket)
        self._done(result)
