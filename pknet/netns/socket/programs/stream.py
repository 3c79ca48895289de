"""A program that sends many packets, each at its own time, and counts what comes of them.

    send(0) ... send(count - 1)         each when it is due
    then answers are awaited            until all have come, or for ``timeout``

Law: one timer for what is to be sent and one for the end, however many packets there are.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.netns.socket.programs.tally import StreamResult, Tally
from pknet.sim import Clock, Timer

EVENTS = 1_000  # of the run's limit, that each packet brings with it: a TTL's worth of hops


class Stream:
    """``done`` hears the result once. Subclasses say how a packet is sent, and hear answers."""

    def __init__(
        self, clock: Clock, count: int, due: Callable[[int], int],
        done: Callable[[StreamResult], object], timeout: int,
    ) -> None:  # fmt: skip
        self.clock = clock
        self.count = count
        self.due = due
        self.timeout = timeout
        self.tally = Tally(count)
        self._done = done
        self._begun = 0
        self._end: Timer | None = None
        self._over = False

    def start(self) -> None:
        """Send the first packet now."""
        self._begun = self.clock.now
        self._turn(0)

    def send(self, number: int) -> str | None:
        """Send the packet ``number``, counted from 0; the errno for which it was not sent."""
        raise NotImplementedError

    def close(self) -> None:
        """Give back what was opened."""

    def result(self) -> StreamResult:
        """What it came to."""
        return self.tally.result()

    def settle(self) -> None:
        """The tally has changed: end where all is told. To be called after each answer."""
        if self.tally.over and not self._over:
            self._over = True
            self.clock.after(0, self._finish)

    def _turn(self, number: int) -> None:
        self.clock.grant(EVENTS)
        error = self.send(number)
        if error is None:
            self.tally.sent += 1
        else:
            self.tally.fail(error)
        if number + 1 < self.count:
            self.clock.at(self._begun + self.due(number + 1), self._turn, number + 1)
        else:
            self._end = self.clock.after(self.timeout, self._finish)
            self.settle()

    def _finish(self) -> None:
        if self._end is not None:
            self._end.cancel()
        self._over = True
        self.close()
        self._done(self.result())
