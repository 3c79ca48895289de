"""Which small segments wait (RFC 896; Linux: tcp_nagle_test, tcp_minshall_check).

Law: of small segments one is under way at a time, as Minshall has it: what waits for is not any
segment, but one that was not full.
"""

from __future__ import annotations

from pknet.netns.socket.tcp.send_queue import Chunk, SendQueue
from pknet.wire.tcp import FIN, SYN


class Nagle:
    """Of one sender's queue."""

    def __init__(self, queue: SendQueue) -> None:
        self._queue = queue
        self._small = 0  # the end of the last segment that was not full (Linux: snd_sml)

    @property
    def holds(self) -> bool:
        """A small segment is still under way."""
        queue = self._queue
        return bool(queue.sent) and queue.una < self._small <= queue.next

    def waits(self, chunk: Chunk, mss: int) -> bool:
        """Whether a last chunk waits for the small one before."""
        return len(chunk.data) < mss and not chunk.flags & (FIN | SYN) and self.holds

    def sent(self, chunk: Chunk) -> None:
        """It is under way (Linux: tcp_minshall_update)."""
        if chunk.small:
            self._small = chunk.end

    def taken_back(self) -> None:
        """Some that were under way are not: which was the last small one?"""
        self._small = max((c.end for c in self._queue.sent if c.small), default=0)
