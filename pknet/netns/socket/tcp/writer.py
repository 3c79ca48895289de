"""What the user gives, cut into chunks (Linux: tcp_sendmsg_locked, tcp_push).

Law: a chunk leaves when it is full; the last of a write asks the peer to hand all up.
"""

from __future__ import annotations

from pknet.netns.socket.tcp import pacing
from pknet.netns.socket.tcp.push import Way
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
        sender.wake(now)
        goal = pacing.chunk_goal(sender.max_window, sender.mss)
        end = queue.written + len(data)
        for chunk in queue.write(data, goal):
            if queue.written == end:
                self._mark(chunk)
                sender.push(now)
            elif chunk.end - self._pushed > sender.max_window >> 1:
                self._mark(chunk)
                sender.push(now, Way.HURRY)
            elif chunk is queue.unsent[0]:
                sender.push(now, Way.ONE)

    def _mark(self, chunk: Chunk) -> None:
        """The peer shall hand this up (Linux: tcp_mark_push)."""
        chunk.flags |= PSH
        self._pushed = chunk.end

    def finish(self, now: int) -> None:
        """A FIN follows what was written (Linux: tcp_send_fin)."""
        self.sender.queue.fin()
        self.sender.push(now, Way.HURRY)
