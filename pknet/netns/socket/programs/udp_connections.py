"""The client of a ``udp`` item with ``sport: new``: for each datagram a socket of its own.

Law: every datagram is a connection that was not there before, from the next of the given ports.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pknet.netns.address import this_host
from pknet.netns.route import NoPath, RouteType
from pknet.netns.socket.icmp_error import IcmpError
from pknet.netns.socket.programs.stream import Stream
from pknet.netns.socket.programs.tally import StreamResult
from pknet.netns.socket.udp import Datagram, UdpSocket

if TYPE_CHECKING:
    from pknet.netns.namespace import Namespace


class UdpConnections(Stream):
    """A socket is closed by its answer, and what has none at the end."""

    def __init__(
        self, node: Namespace, dst: int, port: int, done: Callable[[StreamResult], object], *,
        due: Callable[[int], int], sports: Sequence[int], payload: bytes, ttl: int, df: bool,
        timeout: int,
    ) -> None:  # fmt: skip
        super().__init__(node.clock, len(sports), due, done, timeout)
        self.node = node
        self.peer = (this_host(dst), port)
        self.sports = sports
        self.payload = payload
        self.ttl = ttl
        self.df = df
        self._waiting: dict[UdpSocket, int] = {}  # when its datagram was sent

    def send(self, number: int) -> str | None:
        """One datagram from a new socket."""
        dst, port = self.peer
        path = self.node.routing.output(dst)
        if isinstance(path, NoPath):
            return path.error.name
        if path.type is RouteType.BROADCAST:
            return "EACCES"  # without SO_BROADCAST
        try:
            socket = self.node.sockets.udp.bind(self.sports[number], self.peer, self._receive)
        except ValueError as error:
            return str(error)
        socket.fail = lambda error: self._fail(socket, error)
        socket.refused = lambda errno: self._refuse(socket, errno)
        self._waiting[socket] = self.clock.now
        socket.send(path, dst, port, self.payload, ttl=self.ttl, df=self.df)
        return None

    def _receive(self, socket: UdpSocket, datagram: Datagram) -> None:
        self.tally.answer(self.clock.now - self._waiting[socket], datagram.payload)
        self._forget(socket)

    def _fail(self, socket: UdpSocket, error: IcmpError) -> None:
        """Linux: __udp4_lib_err."""
        final = error.fatal or (error.too_big and self.df)
        self.tally.hear(error.told, final)
        if final:
            self._forget(socket)

    def _refuse(self, socket: UdpSocket, errno: str) -> None:
        self.unsend(errno)
        self._forget(socket)

    def _forget(self, socket: UdpSocket) -> None:
        del self._waiting[socket]
        self.node.sockets.udp.close(socket)
        self.settle()

    def close(self) -> None:
        """Those that were never answered."""
        for socket in self._waiting:
            self.node.sockets.udp.close(socket)
