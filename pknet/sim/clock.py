"""Virtual time.

Law: time is an integer number of nanoseconds that moves only here, and a run is a function of its
input. Events due at the same nanosecond run in the order in which they were scheduled. What an
event asks for ``soon`` is a part of it: it runs next, before all that waits, as a softirq answers
a packet before it takes up the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import Any

MICROSECOND = 1_000
MILLISECOND = 1_000_000
SECOND = 1_000_000_000

#: Events one run may take before it is called a loop (law: a limit on everything).
EVENT_LIMIT = 5_000_000


class EventLimitError(RuntimeError):
    """A run took more events than its limit: almost always a layer-2 loop."""


class Timer:
    """One scheduled call. ``cancel`` it, and it never fires."""

    __slots__ = ("action", "args", "cause", "due")

    def __init__(
        self, due: int, action: Callable[..., object], args: tuple[Any, ...], cause: int
    ) -> None:
        self.due = due
        self.action: Callable[..., object] | None = action
        self.args = args
        self.cause = cause

    @property
    def pending(self) -> bool:
        """True until it has fired or was cancelled."""
        return self.action is not None

    def cancel(self) -> None:
        """Forget the call. Cancelling twice, or after it fired, does nothing."""
        self.action = None


class Clock:
    """The event queue and the time, ``now``, in nanoseconds since the run began.

    ``cause`` is what the running event goes back to, a number that means something to whoever
    set it (0: nothing); what an event schedules goes back to the same.
    """

    def __init__(self, limit: int = EVENT_LIMIT) -> None:
        self.now = 0
        self.events = 0
        self.cause = 0
        self.limit = limit
        self._queue: list[tuple[int, int, Timer]] = []
        self._order = 0
        self._asked: list[Timer] = []  # by the event that is running, in order
        self._next: list[Timer] = []  # the last one is first

    def soon(self, action: Callable[..., object], *args: Any) -> Timer:
        """Call ``action(*args)`` as soon as the event that is running has ended.

        As if it had called it itself: several run in order, each with what it asks for in turn.
        """
        timer = Timer(self.now, action, args, self.cause)
        self._asked.append(timer)
        return timer

    def after(self, delay: int, action: Callable[..., object], *args: Any) -> Timer:
        """Call ``action(*args)`` in ``delay`` nanoseconds."""
        return self.at(self.now + delay, action, *args)

    def at(self, due: int, action: Callable[..., object], *args: Any) -> Timer:
        """Call ``action(*args)`` at ``due``; what is due in the past is a programming error."""
        if due < self.now:
            raise ValueError(f"cannot schedule at {due} ns: it is already {self.now} ns")
        timer = Timer(due, action, args, self.cause)
        heappush(self._queue, (due, self._order, timer))
        self._order += 1
        return timer

    def peek(self) -> Timer | None:
        """The next event, where it is none of those that are to come ``soon``."""
        if self._asked or self._next:
            return None
        while self._queue and not self._queue[0][2].pending:
            heappop(self._queue)
        return self._queue[0][2] if self._queue else None

    @property
    def waiting(self) -> Iterator[Timer]:
        """What is to come, in no order."""
        return (timer for _, _, timer in self._queue if timer.pending)

    def tidy(self) -> None:
        """Forget what was cancelled, and let what waits lie in its order."""
        self._queue = sorted(entry for entry in self._queue if entry[2].pending)

    def step(self, until: int) -> bool:
        """Run the next event that is due by ``until``; False where there is none.

        Raises EventLimitError when the run has used up its events.
        """
        while (timer := self._take(until)) is not None:
            if timer.action is None:
                continue
            self._count()
            self.now = timer.due
            self.cause = timer.cause
            action, timer.action = timer.action, None
            action(*timer.args)
            return True
        return False

    def _take(self, until: int) -> Timer | None:
        """The next one, cancelled or not."""
        while self._asked:
            self._next.append(self._asked.pop())
        if self._next:
            return self._next.pop()
        if self._queue and self._queue[0][0] <= until:
            return heappop(self._queue)[2]
        return None

    def run(self, until: int) -> None:
        """Run every event that is due by ``until``, then let the time be ``until``."""
        while self.step(until):
            pass
        self.now = until

    def grant(self, events: int) -> None:
        """Let the run take so many more: something that is no loop has begun."""
        self.limit += events

    def _count(self) -> None:
        if self.events >= self.limit:
            raise EventLimitError(
                f"stopped after {self.limit} events at {self.now / MILLISECOND:.3f} ms: "
                "frames go round and round (a layer-2 loop?)"
            )
        self.events += 1
