"""The client of a ``udp`` item with a ``count``: many datagrams of one connected socket.

Law: a datagram does not say which one it answers. They are taken to come in the order of what
they answer, which holds as long as none is missing; with the first that is, no times are told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pknet.netns.socket.icmp_error import IcmpError
from pknet.netns.socket.programs.datagrams import Datagrams
from pknet.netns.socket.programs.tally import StreamResult
from pknet.netns.socket.udp import Datagram, UdpSocket

if TYPE_CHECKING:
    from pknet.netns.namespace import Namespace


class UdpStream(Datagrams):
    """The program reads all the time, so an ICMP error never meets the next datagram instead."""

    def __init__(
        self, node: Namespace, dst: int, port: int, done: Callable[[StreamResult], object], *,
        count: int, due: Callable[[int], int], sport: int | None, payload: bytes, ttl: int,
        df: bool, timeout: int,
    ) -> None:  # fmt: skip
        super().__init__(node, dst, port, done, count=count, due=due, payload=payload, ttl=ttl,
                         df=df, timeout=timeout)  # fmt: skip
        self._sport = sport
        self._socket: UdpSocket | None = None
        self._refused = 0  # not sent, and no ICMP error has been heard of it
        self._waiting: deque[int] = deque()  # when each was sent that has no answer yet

    def open(self, number: int) -> UdpSocket:
        """The one of them all."""
        if self._socket is None:
            self._socket = self.node.sockets.udp.bind(self._sport, self.peer, self._receive)
            self._socket.fail = self._fail
            self._socket.refused = self._refuse
        self._waiting.append(self.clock.now)
        return self._socket

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
        if self._refused and self.node.addresses.is_local(error.sender):
            self._refused -= 1
            self.tally.hear(error.told, final=False)  # its datagram counts as unsent already
        elif self.hear(error) and self._waiting:
            self._waiting.popleft()
        self.settle()

    def close(self) -> None:
        """The socket, where there is one."""
        if self._socket is not None:
            self.node.sockets.udp.close(self._socket)

    def result(self) -> StreamResult:
        """Without times where it is not known which answer is missing."""
        result = super().result()
        return replace(result, times=None) if result.lost else result
