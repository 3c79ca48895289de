"""Who has a socket: a system call, as long as it sends, or nobody (Linux: sock_owned_by_user).

Law: what waits for it to be free is called in order, once each.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.sim import Clock, Timer


class Hold:
    """``release`` is called when a system call has sent all; whether it is free then, it says."""

    def __init__(self, clock: Clock, release: Callable[[], None]) -> None:
        self.taken = False
        self._clock = clock
        self._release = release
        self._end: Timer | None = None  # of the system call
        self._next: list[Callable[[], None]] = []

    def take(self, duration: int) -> None:
        """A system call sends for ``duration`` ns."""
        self.taken = True
        self._end = self._clock.after(duration, self._over)

    def cut_short(self) -> bool:
        """The call has nothing more to send; False: there is none that still sends."""
        if self._end is None:
            return False
        self._end.cancel()
        self._end = None
        self._clock.soon(self._over)
        return True

    def _over(self) -> None:
        self._end = None
        self._release()

    def when_free(self, action: Callable[[], None]) -> None:
        """Call ``action`` when the last system call is done, at once where it is."""
        self._next.append(action)
        self.look()

    def look(self) -> None:
        """If it is free, call what waits."""
        if not self.taken:
            waiting, self._next = self._next, []
            for action in waiting:
                action()
