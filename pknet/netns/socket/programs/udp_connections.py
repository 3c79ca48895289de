"""The client of a ``udp`` item with ``sport: new``: for each datagram a socket of its own.

Law: every datagram is a connection that was not there before, from the next of the given ports.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pknet.netns.socket.icmp_error import IcmpError
from pknet.netns.socket.programs.datagrams import Datagrams
from pknet.netns.socket.programs.tally import StreamResult
from pknet.netns.socket.udp import Datagram, UdpSocket

if TYPE_CHECKING:
    from pknet.netns.namespace import Namespace


class UdpConnections(Datagrams):
    """A socket is closed by its answer, and what has none at the end."""

    def __init__(
        self, node: Namespace, dst: int, port: int, done: Callable[[StreamResult], object], *,
        due: Callable[[int], int], sports: Sequence[int], payload: bytes, ttl: int, df: bool,
        timeout: int,
    ) -> None:  # fmt: skip
        super().__init__(node, dst, port, done, count=len(sports), due=due, payload=payload,
                         ttl=ttl, df=df, timeout=timeout)  # fmt: skip
        self.sports = sports
        self._waiting: dict[UdpSocket, int] = {}  # when its datagram was sent

    def open(self, number: int) -> UdpSocket:
        """A new one, from the next port."""
        socket = self.node.sockets.udp.bind(self.sports[number], self.peer, self._receive)
        socket.fail = lambda error: self._fail(socket, error)
        socket.refused = lambda errno: self._refuse(socket, errno)
        self._waiting[socket] = self.clock.now
        return socket

    def _receive(self, socket: UdpSocket, datagram: Datagram) -> None:
        self.tally.answer(self.clock.now - self._waiting[socket], datagram.payload)
        self._forget(socket)

    def _fail(self, socket: UdpSocket, error: IcmpError) -> None:
        if self.hear(error):
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
