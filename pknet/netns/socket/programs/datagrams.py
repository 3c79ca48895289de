"""Many datagrams to one peer, whatever sockets they leave by.

Law: the route is looked up anew for each, as for one whose cached one has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pknet.netns.address import this_host
from pknet.netns.route import NoPath, RouteType
from pknet.netns.socket.icmp_error import IcmpError
from pknet.netns.socket.programs.stream import Stream
from pknet.netns.socket.programs.tally import StreamResult
from pknet.netns.socket.udp import UdpSocket

if TYPE_CHECKING:
    from pknet.netns.namespace import Namespace


class Datagrams(Stream):
    """A subclass says which socket each leaves by."""

    def __init__(
        self, node: Namespace, dst: int, port: int, done: Callable[[StreamResult], object], *,
        count: int, due: Callable[[int], int], payload: bytes, ttl: int, df: bool, timeout: int,
    ) -> None:  # fmt: skip
        super().__init__(node.clock, count, due, done, timeout)
        self.node = node
        self.peer = (this_host(dst), port)
        self.payload = payload
        self.ttl = ttl
        self.df = df

    def open(self, number: int) -> UdpSocket:
        """The socket that datagram ``number`` leaves by, at once.

        Raises ValueError, which names an errno.
        """
        raise NotImplementedError

    def send(self, number: int) -> str | None:
        """One datagram."""
        path = self.node.routing.output(self.peer[0])
        if isinstance(path, NoPath):
            return path.error.name
        if path.type is RouteType.BROADCAST:
            return "EACCES"  # without SO_BROADCAST
        try:
            socket = self.open(number)
        except ValueError as error:
            return str(error)
        socket.send(path, *self.peer, self.payload, ttl=self.ttl, df=self.df)
        return None

    def hear(self, error: IcmpError) -> bool:
        """An ICMP error came; whether it is the end of its datagram (Linux: __udp4_lib_err)."""
        final = error.fatal or (error.too_big and self.df)
        self.tally.hear(error.told, final)
        return final
