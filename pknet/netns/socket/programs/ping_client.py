"""The client of a ``ping`` item: one echo request from a raw socket, and its answer."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from pknet.link.skb import Skb
from pknet.netns.icmp import quoted
from pknet.netns.route import NoPath
from pknet.netns.socket.programs.results import PingResult
from pknet.sim import Timer
from pknet.wire import icmp, ipv4
from pknet.wire.icmp import Icmp

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
        self.packet: int | None = None
        self._rest = id << 16 | seq
        self._done = done
        self._timer: Timer | None = None
        message = icmp.build(icmp.ECHO_REQUEST, 0, self._rest, bytes(i & 255 for i in range(size)))
        self._data = ipv4.build(ipv4.ICMP, 0, dst, message, ident=ipid or 0, ttl=ttl,
                                fragment=ipv4.DF if df else 0)  # fmt: skip

    def start(self) -> None:
        """Send the request."""
        try:
            sent = self.node.send_raw(self._data)
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

    def _hear(self, skb: Skb) -> None:
        message = Icmp.parse(skb.payload)
        if message.type == icmp.ECHO_REPLY and message.rest == self._rest:
            result = PingResult("echo-reply", skb.ip.src)
        elif message.type in icmp.LOSSES and self._quoted(skb.payload):
            result = PingResult(None, skb.ip.src, (message.type, message.code))
        else:
            return
        self.node.sockets.remove_raw(self._hear)
        self.node.clock.after(0, self._end, result)

    def _quoted(self, payload: bytes) -> bool:
        quote = quoted(payload)
        if quote is None:
            return False
        header, inner = quote
        try:
            mine = Icmp.parse(inner, header.header_length)
        except struct.error:
            return False
        wanted = (ipv4.ICMP, icmp.ECHO_REQUEST, self._rest)
        return (header.protocol, mine.type, mine.rest) == wanted

    def _end(self, result: PingResult) -> None:
        assert self._timer is not None
        if self._timer.pending:
            self._timer.cancel()
        if result.error is not None:
            self.node.sockets.remove_raw(self._hear)
        self._done(result)
