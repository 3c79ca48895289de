"""Datagrams from a1 to b1 and their answers, one exchange every virtual millisecond.

Law: one exchange is one packet in every figure, though it crosses the network twice; each
answer is waited for, and one that is missing is an error.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bench.network import PAYLOAD, PORT, SERVER, cross_node
from bench.row import UndoneError
from pknet.lab.lab import Lab
from pknet.netns.namespace import Namespace
from pknet.netns.route import Path
from pknet.netns.socket.udp import Datagram, UdpSocket
from pknet.sim.clock import MILLISECOND

FIRST_PORT = 1024
PORTS = 0x10000 - FIRST_PORT
SETTLE = 100 * MILLISECOND

Send = Callable[[], None]


class Exchanges:
    """A network, warm: its neighbours know one another, and every module is loaded."""

    def __init__(self) -> None:
        self.lab = Lab(cross_node())
        client = self.lab.nodes["a1"]
        assert isinstance(client, Namespace)
        self._client = client
        path = client.routing.output(int(SERVER))
        assert isinstance(path, Path)
        self._path = path
        self._ports = 0
        self.answered = 0
        self.new_flows(2)

    def same_flow(self, count: int) -> float:
        """``count`` exchanges of one socket; seconds on the wall."""
        socket = self._socket(self._count)
        seconds = self._play(count, lambda: self._send(socket))
        self._client.sockets.udp.close(socket)
        return seconds

    def new_flows(self, count: int) -> float:
        """``count`` exchanges, each of a socket of its own; seconds on the wall."""
        return self._play(count, lambda: self._send(self._socket(self._count_and_close)))

    def _play(self, count: int, send: Send) -> float:
        clock, before = self.lab.clock, self.answered
        clock.limit = 1 << 62
        for number in range(count):
            clock.after(number * MILLISECOND, send)
        start = time.perf_counter()
        clock.run(clock.now + count * MILLISECOND + SETTLE)
        seconds = time.perf_counter() - start
        if self.answered - before != count:
            raise UndoneError(f"{self.answered - before} of {count} datagrams were answered")
        return seconds

    def _socket(self, receive: Callable[[UdpSocket, Datagram], None]) -> UdpSocket:
        port = FIRST_PORT + self._ports % PORTS
        self._ports += 1
        return self._client.sockets.udp.bind(port, (int(SERVER), PORT), receive)

    def _send(self, socket: UdpSocket) -> None:
        socket.send(self._path, int(SERVER), PORT, PAYLOAD, ttl=64, df=True)

    def _count(self, socket: UdpSocket, datagram: Datagram) -> None:
        self.answered += datagram.payload == PAYLOAD

    def _count_and_close(self, socket: UdpSocket, datagram: Datagram) -> None:
        self._count(socket, datagram)
        self._client.sockets.udp.close(socket)
