"""Who has a socket: a system call, as long as it sends, or nobody (Linux: sock_owned_by_user).

Law: what waits for it to be free is called in order, once each.
"""

from __future__ import annotations

from collections.abc import Callable


class Hold:
    """``taken`` by a system call."""

    def __init__(self) -> None:
        self.taken = False
        self._next: list[Callable[[], None]] = []

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
