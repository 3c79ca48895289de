"""What the user gives, cut into chunks (Linux: tcp_sendmsg_locked, tcp_push).

Law: a chunk leaves when it is full; the last of a write asks the peer to hand all up.
"""

from __future__ import annotations

from pknet.netns.socket.tcp import pacing
from pknet.netns.socket.tcp.push import Push, Way
from pknet.netns.socket.tcp.send_queue import Chunk
from pknet.netns.socket.tcp.sender import Sender
from pknet.wire.tcp import PSH


class Writer:
    """Writes for one sender."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self._pushed = 1  # up to here, a PSH was set (Linux: pushed_seq)

    def write(self, now: int, data: bytes) -> None:
        """Queue ``data``, and send what may be sent."""
        sender, queue = self.sender, self.sender.queue
        if not queue.sent:  # perhaps after a pause (Linux: tcp_slow_start_after_idle_check)
            sender.usage.restart(now, now - sender.last_data, sender.rtt.rto)
        goal = pacing.chunk_goal(sender.max_window, sender.mss)
        end = queue.written + len(data)
        before: Push | None = None
        for chunk in queue.write(data, goal):
            way = self._way(chunk, last=queue.written == end)
            if way is None:
                continue
            if before is not None:
                before.then = way
            sender.push(now, way)
            before = sender.last_push

    def _way(self, chunk: Chunk, *, last: bool) -> Way | None:
        """How to push now that ``chunk`` is full, or the last of a write; None: not yet."""
        sender = self.sender
        if last:
            self._mark(chunk)
            return Way.USUAL
        if chunk.end - self._pushed > sender.max_window >> 1:
            self._mark(chunk)
            return Way.HURRY
        return Way.ONE if chunk is sender.queue.unsent[0] else None

    def _mark(self, chunk: Chunk) -> None:
        """The peer shall hand this up (Linux: tcp_mark_push)."""
        chunk.flags |= PSH
        self._pushed = chunk.end

    def finish(self, now: int) -> None:
        """A FIN follows what was written (Linux: tcp_send_fin)."""
        self.sender.queue.fin()
        self.sender.push(now, Way.HURRY)
