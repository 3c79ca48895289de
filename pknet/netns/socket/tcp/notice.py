"""When a user learns that something has changed.

Law: some time after it did, and not while a system call of his is under way; several changes in
that time are one.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.netns.socket.timing import WAKE_UP
from pknet.sim import Clock, Timer


class Notice:
    """``outlook`` is what a user can see; ``look`` is called when it is new, and may."""

    def __init__(
        self, clock: Clock, outlook: Callable[[], object], look: Callable[[], None]
    ) -> None:  # fmt: skip
        self._clock = clock
        self._outlook = outlook
        self._look = look
        self._seen: object = None
        self._wake: Timer | None = None

    def check(self) -> None:
        """Something may be new."""
        if self._outlook() != self._seen and self._wake is None:
            self._wake = self._clock.after(WAKE_UP, self._tell)

    def _tell(self) -> None:
        self._wake = None
        self._look()

    def seen(self) -> None:
        """The user looks."""
        self._seen = self._outlook()
