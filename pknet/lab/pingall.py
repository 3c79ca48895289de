"""The client of a ``pingall`` item: every host pings every other one (Mininet: pingall).

Law: one ping after the other, in the order of the hosts; each has a sequence number of its own,
so that no answer is taken for another's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from pknet.lab.grid import Grid, Mark
from pknet.netns.namespace import Namespace
from pknet.netns.socket.programs.ping_client import PingClient
from pknet.netns.socket.programs.results import PingResult
from pknet.netns.socket.programs.stream import EVENTS
from pknet.netns.socket.programs.tally import StreamResult, Tally
from pknet.wire.address import ip_text

_NUMBERS = 0x10000


class Host(NamedTuple):
    """A node that pings, and the address at which the others do."""

    node: Namespace
    address: int


class PingAll:
    """``done`` hears the sum and the table once."""

    def __init__(
        self, hosts: Sequence[Host], timeout: int, done: Callable[[StreamResult, Grid], object]
    ) -> None:
        self.hosts = hosts
        self.timeout = timeout
        self.clock = hosts[0].node.clock
        self.tally = Tally(len(hosts) * (len(hosts) - 1))
        self._done = done
        self._answered: set[tuple[int, int]] = set()
        self._pairs = self._each()
        self._begun = self._count = 0

    def start(self) -> None:
        """The first ping, and with its end the next."""
        pair = next(self._pairs, None)
        if pair is None:
            self._done(self.tally.result(), self._grid())
            return
        self._begun, self._count = self.clock.now, self._count + 1
        self.clock.grant(EVENTS * len(self.hosts))  # every one of them may hear an ARP request
        PingClient(
            self.hosts[pair[0]].node, self.hosts[pair[1]].address,
            lambda result: self._end(pair, result),
            seq=self._count % _NUMBERS, timeout=self.timeout,
        ).start()  # fmt: skip

    def _each(self) -> Iterator[tuple[int, int]]:
        count = len(self.hosts)
        return ((a, b) for a in range(count) for b in range(count) if a != b)

    def _end(self, pair: tuple[int, int], result: PingResult) -> None:
        if result.error not in (None, "ETIMEDOUT"):
            self.tally.fail(result.error or "")
        else:
            self.tally.sent += 1
        if result.reply is not None:
            self.tally.answer(self.clock.now - self._begun)
            self._answered.add(pair)
        elif result.icmp is not None:
            self.tally.hear((*result.icmp, ip_text(result.sender)), final=True)
        self.start()

    def _grid(self) -> Grid:
        names = tuple(host.node.name for host in self.hosts)
        numbers = range(len(names))
        marks = tuple(tuple(self._mark(a, b) for b in numbers) for a in numbers)
        return Grid("from \\ to", names, names, marks)

    def _mark(self, a: int, b: int) -> Mark:
        if a == b:
            return Mark.NOT_ASKED
        return Mark.REACHED if (a, b) in self._answered else Mark.LOST
