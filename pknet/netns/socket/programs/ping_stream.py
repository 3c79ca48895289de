"""The client of a ``ping`` item with a ``count``: ping(8), one raw socket, many requests.

Law: a sequence number tells which request an answer is about; after 65536 requests they come
again, and stand for the later one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pknet.link.skb import Skb
from pknet.netns.route import NoPath, Path, RouteType
from pknet.netns.socket.programs import echo
from pknet.netns.socket.programs.stream import Stream
from pknet.netns.socket.programs.tally import StreamResult
from pknet.wire.address import ip_text

if TYPE_CHECKING:
    from pknet.netns.namespace import Namespace

_NUMBERS = 0x10000


class PingStream(Stream):
    """Requests ``seq``, ``seq`` + 1, …; an answer that comes late is an answer."""

    def __init__(
        self, node: Namespace, dst: int, done: Callable[[StreamResult], object], *,
        count: int, due: Callable[[int], int], id: int, seq: int, ttl: int, size: int, df: bool,
        ipid: int | None, timeout: int,
    ) -> None:  # fmt: skip
        super().__init__(node.clock, count, due, done, timeout)
        self.node = node
        self._dst = dst
        self._id = id
        self._first = seq
        self._request: Callable[[int], bytes] = lambda number: echo.request(
            dst, id, number, ttl=ttl, size=size, df=df, ipid=ipid
        )
        self._waiting: dict[int, int] = {}  # sequence number: when it was sent
        node.sockets.add_raw(self._hear)

    def send(self, number: int) -> str | None:
        """One request."""
        seq = (self._first + number) % _NUMBERS
        path = self.node.routing.output(self._dst)
        if isinstance(path, Path) and path.type is RouteType.BROADCAST:
            return "EACCES"  # without SO_BROADCAST (Linux: raw_sendmsg)
        try:
            sent = echo.send(
                self.node.own, self._request(seq), lambda errno: self._refuse(seq, errno)
            )
        except ValueError as error:
            return str(error).partition(":")[0]
        if isinstance(sent, NoPath):
            return sent.error.name
        self._waiting[seq] = self.clock.now
        return None

    def _refuse(self, seq: int, errno: str) -> None:
        if self._waiting.pop(seq, None) is not None:
            self.unsend(errno)

    def _hear(self, skb: Skb) -> None:
        heard = echo.heard(skb)
        if heard is None or heard.id != self._id or heard.seq not in self._waiting:
            return
        since = self._waiting.pop(heard.seq)
        if heard.error is None:
            self.tally.answer(self.clock.now - since)
        else:
            self.tally.hear((*heard.error, ip_text(skb.ip.src)), final=True)
        self.settle()

    def close(self) -> None:
        """The raw socket."""
        self.node.sockets.remove_raw(self._hear)
