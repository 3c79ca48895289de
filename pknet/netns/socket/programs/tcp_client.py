"""The client of a ``tcp`` item: connect, pause, send, read the reply, pause, close first.

Law: it is a program, not a socket: it acts some time after what it waits for, and reads only
when it has written. Nothing tells it where a reply ends: it reads as many bytes as it was told to
expect, and on until no more have come for a while, longer where it took long to connect.

    connecting -> pausing -> reading -> done        (each ends by an error, too, or a timeout)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pknet.netns.address import this_host
from pknet.netns.route import NoPath, RouteType
from pknet.netns.socket.programs.results import TcpResult
from pknet.netns.socket.tcp.connection import Connection
from pknet.netns.socket.tcp.control_block import ControlBlock
from pknet.netns.socket.tcp.state import OPENING
from pknet.sim import Timer
from pknet.sim.clock import MILLISECOND

if TYPE_CHECKING:
    from pknet.netns.namespace import Namespace

PAUSE = 60 * MILLISECOND  # before it sends, and (or longer) after the last byte of the reply
_NO_STREAM = (RouteType.BROADCAST, RouteType.MULTICAST)


class TcpClient:
    """One connection; ``done`` hears the result once.

    ``expected`` is how many bytes there are to come, as far as is known. ``timeout``, in
    nanoseconds, is for the handshake, and for each wait for bytes that are to come.
    """

    def __init__(
        self, node: Namespace, dst: int, port: int, done: Callable[[TcpResult], object], *,
        sport: int | None, payload: bytes, expected: int, timeout: int,
    ) -> None:  # fmt: skip
        self.node = node
        self.dst = this_host(dst)
        self.port = port
        self.sport = sport
        self.payload = payload
        self.expected = expected
        self.timeout = timeout
        self._quiet = PAUSE
        self._started = 0
        self._done = done
        self._timer: Timer | None = None
        self._connection: Connection
        self._connected = False
        self._reading = False
        self._received = bytearray()

    def start(self) -> None:
        """Send the SYN."""
        self._started = self.node.clock.now
        opened = self._open()
        if isinstance(opened, str):
            self.node.clock.after(0, self._done, TcpResult(False, error=opened))
            return
        self._connection = opened
        opened.changed = self._turn
        self._wait(self.timeout, self._timed_out)

    def _open(self) -> Connection | str:
        """The connection, or the errno for which nothing is sent."""
        path = self.node.routing.output(self.dst)
        if isinstance(path, NoPath):
            return path.error.name
        if path.type in _NO_STREAM:
            return "ENETUNREACH"
        try:
            return self.node.sockets.tcp.connect(path, self.dst, self.port, self.sport)
        except ValueError as error:
            return str(error)

    def _wait(self, delay: int, action: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.node.clock.after(delay, action)

    def _turn(self) -> None:
        """There may be news from the socket."""
        block = self._connection.block
        assert block is not None
        if not self._connected and block.error is not None:
            self._end(block.error)
        elif not self._connected and block.state not in OPENING:
            self._connected = True
            self._quiet += self.node.clock.now - self._started
            self._wait(PAUSE, self._write)
        elif self._reading:
            self._read(block)

    def _write(self) -> None:
        self._reading = True
        self._wait(self.timeout, self._timed_out)
        if self.payload:
            self._connection.write(self.payload)
        self._connection.when_free(self._turn)

    def _read(self, block: ControlBlock) -> None:
        data = self._connection.read()
        self._received += data
        if block.error is not None:
            self._end(block.error)
        elif block.finished:
            self._close()
        elif data and len(self._received) < self.expected:
            self._wait(self.timeout, self._timed_out)
        elif data:
            self._wait(self._quiet, self._close)

    def _close(self) -> None:
        self._connection.call(ControlBlock.close)
        self._end(None)

    def _timed_out(self) -> None:
        """Nothing came in time: a connect that gets no answer ends without another segment."""
        self._connection.call(ControlBlock.close)
        self._end("ETIMEDOUT")

    def _end(self, error: str | None) -> None:
        self._connection.changed = lambda: None
        if self._timer is not None:
            self._timer.cancel()
        self._done(TcpResult(self._connected, bytes(self._received), error, self._connection.icmp))
