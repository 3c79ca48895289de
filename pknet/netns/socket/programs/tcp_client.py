"""The client of a ``tcp`` item: connect, send, read the reply, close first.

Law: the pauses are those of the program that recorded the kernel: 60 ms before it writes, and
60 ms without news before it takes the reply to be whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pknet.link.skb import Skb
from pknet.netns.icmp import quoted
from pknet.netns.route import NoPath
from pknet.netns.socket.programs.results import IcmpFrom, TcpResult
from pknet.netns.socket.tcp.connection import Connection
from pknet.sim import Timer
from pknet.sim.clock import MILLISECOND
from pknet.wire import icmp
from pknet.wire.address import ip_text

if TYPE_CHECKING:
    from pknet.netns.namespace import Namespace

PAUSE = 60 * MILLISECOND


class TcpClient:
    """One connection; ``done`` hears the result once."""

    def __init__(
        self, node: Namespace, dst: int, port: int, done: Callable[[TcpResult], object], *,
        sport: int | None, payload: bytes, timeout: int,
    ) -> None:  # fmt: skip
        self.node = node
        self.dst = dst
        self.port = port
        self.sport = sport
        self.payload = payload
        self.timeout = timeout
        self._done = done
        self._timer: Timer | None = None
        self._connection: Connection | None = None
        self._connected = False
        self._read = 0
        self._icmp: IcmpFrom | None = None

    def start(self) -> None:
        """Send the SYN."""
        path = self.node.routing.output(self.dst)
        if isinstance(path, NoPath):
            self._fail(path.error.name)
            return
        layer = self.node.sockets.tcp
        sport = self.sport or layer.free_port(path.source, self.dst, self.port)
        try:
            key = (path.source, sport or 0, self.dst, self.port)
            self._connection = layer.open(key, path)
        except ValueError as error:
            self._fail(str(error))
            return
        self.node.sockets.add_raw(self._hear)
        self._connection.changed = self._changed
        self._set_timer(self.timeout, self._timed_out)
        self._connection.connect()

    def _fail(self, error: str) -> None:
        """Nothing was sent."""
        self.node.clock.after(0, self._done, TcpResult(False, error=error))

    def _set_timer(self, delay: int, action: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.node.clock.after(delay, action)

    def _changed(self) -> None:
        """News from the connection."""
        connection = self._connection
        assert connection is not None
        block = connection.block
        if block.error is not None:
            self._end(block.error)
        elif block.connected and not self._connected:
            self._connected = True
            self._set_timer(PAUSE, self._write)
        elif len(block.received) > self._read or block.eof:
            whole = len(block.received) == self._read
            self._read = len(block.received)
            if whole:
                self._close()
            else:
                self._set_timer(PAUSE, self._close)

    def _write(self) -> None:
        assert self._connection is not None
        self._set_timer(self.timeout, self._timed_out)
        if self.payload:
            self._connection.write(self.payload)

    def _close(self) -> None:
        assert self._connection is not None
        self._connection.close()
        self._end(None)

    def _timed_out(self) -> None:
        """Nothing came in time: a connect that gets no answer ends without another segment."""
        assert self._connection is not None
        if self._connected:
            self._connection.close()
        else:
            self._connection.fail("ETIMEDOUT")
        self._end("ETIMEDOUT")

    def _end(self, error: str | None) -> None:
        connection = self._connection
        assert connection is not None
        connection.changed = _nothing
        if self._timer is not None:
            self._timer.cancel()
        self.node.sockets.remove_raw(self._hear)
        received = bytes(connection.block.received)
        self._done(TcpResult(self._connected, received, error, self._icmp))

    def _hear(self, skb: Skb) -> None:
        """Remember who sent an ICMP error about this connection."""
        message = icmp.Icmp.parse(skb.payload)
        quote = quoted(skb.payload) if message.type in icmp.ERRORS else None
        if quote is None or self._connection is None:
            return
        header, inner = quote
        ports = inner[header.header_length :][:4]
        key = self._connection.key
        wanted = key[1].to_bytes(2, "big") + key[3].to_bytes(2, "big")
        if (header.src, header.dst, ports) == (key[0], key[2], wanted):
            self._icmp = (message.type, message.code, ip_text(skb.ip.src))


def _nothing() -> None:
    """The program has ended."""
