"""The listeners of a topology.

    tcp   accept, read once (or until ``read`` bytes), reply, close when the client has closed
    udp   answer each datagram

Law: a listener serves any number of connections and datagrams.
"""

from __future__ import annotations

from pknet.netns.route import Path, RouteType
from pknet.netns.socket.network import Network
from pknet.netns.socket.tcp.connection import Connection
from pknet.netns.socket.tcp.control_block import ControlBlock
from pknet.netns.socket.tcp.layer import TcpLayer
from pknet.netns.socket.udp import Datagram, UdpLayer, UdpSocket


def serve_tcp(layer: TcpLayer, port: int, reply: bytes, wanted: int) -> None:
    """Each connection is served by itself; ``wanted`` bytes are read before the reply."""
    layer.listen(port, lambda connection: _Served(connection, reply, wanted).begin())


class _Served:
    """One connection's server."""

    def __init__(self, connection: Connection, reply: bytes, wanted: int) -> None:
        self.connection = connection
        self._reply = reply
        self._wanted = wanted  # bytes still to be read
        self._replied = False

    def begin(self) -> None:
        self.connection.changed = self._turn

    def _turn(self) -> None:
        """Run until there is nothing to do but wait."""
        self._wanted -= len(self.connection.read())
        block = self.connection.block
        if block is None or block.error is not None:
            return
        if not self._replied and (self._wanted <= 0 or block.finished):
            self._replied = True
            if self._reply:
                self.connection.write(self._reply)
                self.connection.when_free(self._turn)
                return
        if self._replied and block.finished:
            self.connection.call(ControlBlock.close)


def serve_udp(network: Network, layer: UdpLayer, port: int, reply: bytes) -> None:
    """Every datagram gets ``reply``, from the address it was sent to."""

    def answer(socket: UdpSocket, datagram: Datagram) -> None:
        path = network.routing.output(datagram.src)
        # To everybody is EACCES without SO_BROADCAST.
        if isinstance(path, Path) and path.type is not RouteType.BROADCAST:
            socket.send(path, datagram.src, datagram.sport, reply, ttl=None, df=True)

    layer.bind(port, None, answer)
