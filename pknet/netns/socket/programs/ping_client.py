"""The client of a ``ping`` item: one echo request from a raw socket, and its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pknet.link.skb import Skb
from pknet.netns.route import NoPath, Path, RouteType
from pknet.netns.socket.programs import echo
from pknet.netns.socket.programs.results import PingResult
from pknet.sim import Timer

if TYPE_CHECKING:
    from pknet.netns.namespace import Namespace


class PingClient:
    """One request; ``done`` hears the result once. ``packet`` is its id, None: it was not sent."""

    def __init__(
        self, node: Namespace, dst: int, done: Callable[[PingResult], object], *,
        id: int = 1, seq: int = 1, ttl: int = 64, size: int = 56, df: bool = True,
        ipid: int | None = None, timeout: int,
    ) -> None:  # fmt: skip
        self.node = node
        self.timeout = timeout
        self._dst = dst
        self.packet: int | None = None
        self._id = id
        self._seq = seq
        self._done = done
        self._timer: Timer | None = None
        self._data = echo.request(dst, id, seq, ttl=ttl, size=size, df=df, ipid=ipid)

    def start(self) -> None:
        """Send the request."""
        path = self.node.routing.output(self._dst)
        if isinstance(path, Path) and path.type is RouteType.BROADCAST:
            self._fail("EACCES")  # without SO_BROADCAST (Linux: raw_sendmsg)
            return
        try:
            sent = echo.send(self.node.own, self._data, self._refused)
        except ValueError as error:
            self._fail(str(error).partition(":")[0])
            return
        if isinstance(sent, NoPath):
            self._fail(sent.error.name)
            return
        self.packet = sent
        self.node.sockets.add_raw(self._hear)
        self._timer = self.node.clock.after(self.timeout, self._end, PingResult(error="ETIMEDOUT"))

    def _fail(self, error: str) -> None:
        self.node.clock.after(0, self._done, PingResult(error=error))

    def _refused(self, errno: str) -> None:
        if self._timer is not None and self._timer.pending:
            self._end(PingResult(error=errno))

    def _hear(self, skb: Skb) -> None:
        heard = echo.heard(skb)
        if heard is None or (heard.id, heard.seq) != (self._id, self._seq):
            return
        reply = "echo-reply" if heard.error is None else None
        self.node.sockets.remove_raw(self._hear)
        self.node.clock.after(0, self._end, PingResult(reply, skb.ip.src, heard.error))

    def _end(self, result: PingResult) -> None:
        assert self._timer is not None
        if self._timer.pending:
            self._timer.cancel()
        if result.error is not None:
            self.node.sockets.remove_raw(self._hear)
        self._done(result)
