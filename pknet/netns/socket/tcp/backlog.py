"""What came while a system call had the socket (Linux: sk_backlog).

Law: it keeps its order and its time; of bare acknowledgements in a row the last says all.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from pknet.netns.socket.tcp.memory import Memory
from pknet.netns.socket.tcp.segment import Segment

Origin = TypeVar("Origin")


class Backlog(Generic[Origin]):
    """Each segment with when it came, and what it came in."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, Origin, Segment]] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def cost(self) -> int:
        """What it takes of memory."""
        return sum(Memory.of(len(s.payload), s.cut).cost for _, _, s in self._waiting)

    def add(self, now: int, origin: Origin, segment: Segment) -> None:
        """Keep it for later (Linux: tcp_add_backlog)."""
        if self._waiting and segment.repeats(self._waiting[-1][2]):
            self._waiting.pop()
        self._waiting.append((now, origin, segment))

    def pop(self) -> tuple[int, Origin, Segment]:
        """The first of them. Raises IndexError where there is none."""
        return self._waiting.popleft()
