"""The client of a ``udp`` item with a ``count``: many datagrams of one connected socket.

Law: a datagram does not say which one it answers. They are taken to come in the order of what
they answer, which holds as long as none is missing; with the first that is, no times are told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pknet.netns.address import this_host
from pknet.netns.route import NoPath, RouteType
from pknet.netns.socket.icmp_error import IcmpError
from pknet.netns.socket.programs.stream import Stream
from pknet.netns.socket.programs.tally import StreamResult
from pknet.netns.socket.udp import Datagram, UdpSocket

if TYPE_CHECKING:
    from pknet.netns.namespace import Namespace


class UdpStream(Stream):
    """The program reads all the time, so an ICMP error never meets the next datagram instead."""

    def __init__(
        self, node: Namespace, dst: int, port: int, done: Callable[[StreamResult], object], *,
        count: int, due: Callable[[int], int], sport: int | None, payload: bytes, ttl: int,
        df: bool, timeout: int,
    ) -> None:  # fmt: skip
        super().__init__(node.clock, count, due, done, timeout)
        self.node = node
        self.peer = (this_host(dst), port)
        self.payload = payload
        self.ttl = ttl
        self.df = df
        self._sport = sport
        self._socket: UdpSocket | None = None
        self._refused = 0  # not sent, and no ICMP error has been heard of it
        self._waiting: deque[int] = deque()  # when each was sent that has no answer yet

    def send(self, number: int) -> str | None:
        """One datagram; the route is looked up anew, as for one whose cached one has changed."""
        dst, port = self.peer
        path = self.node.routing.output(dst)
        if isinstance(path, NoPath):
            return path.error.name
        if path.type is RouteType.BROADCAST:
            return "EACCES"  # without SO_BROADCAST
        try:
            socket = self._socket = self._socket or self._bind()
        except ValueError as error:
            return str(error)
        self._waiting.append(self.clock.now)
        socket.send(path, dst, port, self.payload, ttl=self.ttl, df=self.df)
        return None

    def _bind(self) -> UdpSocket:
        socket = self.node.sockets.udp.bind(self._sport, self.peer, self._receive)
        socket.fail = self._fail
        socket.refused = self._refuse
        return socket

    def _refuse(self, errno: str) -> None:
        """The last one was not sent; a rule that rejects it sends an ICMP error, too."""
        self._waiting.pop()
        self._refused += 1
        self.unsend(errno)

    def _receive(self, socket: UdpSocket, datagram: Datagram) -> None:
        if self._waiting:
            self.tally.answer(self.clock.now - self._waiting.popleft(), datagram.payload)
            self.settle()

    def _fail(self, error: IcmpError) -> None:
        """Linux: __udp4_lib_err."""
        unsent = self._refused > 0 and self.node.addresses.is_local(error.sender)
        self._refused -= unsent
        final = (error.fatal or (error.too_big and self.df)) and not unsent
        if final and self._waiting:
            self._waiting.popleft()
        self.tally.hear(error.told, final)
        self.settle()

    def close(self) -> None:
        """The socket, where there is one."""
        if self._socket is not None:
            self.node.sockets.udp.close(self._socket)

    def result(self) -> StreamResult:
        """Without times where it is not known which answer is missing."""
        result = super().result()
        return replace(result, times=None) if result.lost else result
