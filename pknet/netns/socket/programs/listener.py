"""The listeners of a topology: read, reply, close when the client has closed."""

from __future__ import annotations

from pknet.netns.route import Path
from pknet.netns.socket.network import Network
from pknet.netns.socket.tcp.connection import Connection
from pknet.netns.socket.tcp.layer import TcpLayer
from pknet.netns.socket.udp import UdpLayer, UdpSocket

TTL = "net.ipv4.ip_default_ttl"


def serve_tcp(layer: TcpLayer, port: int, reply: bytes, wanted: int) -> None:
    """Each connection is served by itself; ``wanted`` bytes are read before the reply."""

    def accept(connection: Connection) -> None:
        served = _Served(connection, reply, wanted)
        connection.changed = served.changed

    layer.listen(port, accept)


class _Served:
    """One connection's server."""

    def __init__(self, connection: Connection, reply: bytes, wanted: int) -> None:
        self.connection = connection
        self.reply = reply
        self.wanted = wanted
        self.replied = self.closed = False

    def changed(self) -> None:
        block = self.connection.block
        if block.error is not None or not block.connected:
            return
        if not self.replied and (len(block.received) >= self.wanted or block.eof):
            self.replied = True
            self.connection.write(self.reply)
        if self.replied and block.eof and not self.closed:
            self.closed = True
            self.connection.close()


def serve_udp(network: Network, layer: UdpLayer, port: int, reply: bytes) -> None:
    """Every datagram gets ``reply``, from the address it was sent to."""

    def receive(payload: bytes, src: int, sport: int, dst: int) -> None:
        path = network.routing.output(src, dst)
        if isinstance(path, Path):
            ttl = network.sysctls.integer(TTL)
            bound[0].send(path, dst, src, sport, reply, ttl=ttl, df=True)

    bound: list[UdpSocket] = []
    bound.append(layer.bind((port, 0, 0), receive, lambda kind, code: None))
