"""What our own node refused was never sent (Linux: tcp_write_xmit breaks off).

Law: a refusal takes back the chunk and all that was to follow it, and leaves every timer as it was
before; it is tried again by the next acknowledgement, or a timer. What had been sent before, and a
SYN, counts as lost like any other.
"""

from __future__ import annotations

from pknet.netns.socket.tcp.numbers import Numbers
from pknet.netns.socket.tcp.recovery import Recovery
from pknet.netns.socket.tcp.segment import Burst
from pknet.netns.socket.tcp.send_queue import Chunk
from pknet.netns.socket.tcp.sender import Sender
from pknet.netns.socket.tcp.seq import position
from pknet.wire.tcp import SYN


class Unsent:
    """Of one sender."""

    def __init__(self, numbers: Numbers, sender: Sender, recovery: Recovery) -> None:
        self._numbers = numbers
        self._sender = sender
        self._recovery = recovery

    def stands(self, burst: Burst) -> bool:
        """Whether ``burst`` is to be sent, and was not taken back with one before it."""
        return not burst[0].length or self._start_of(burst) < self._sender.queue.next

    def refused(self, now: int, burst: Burst) -> None:
        """Our own node did not let ``burst`` go."""
        start = self._start_of(burst)
        for chunk in self._sender.queue.sent if burst[0].length else ():
            if chunk.start == start and not chunk.retransmitted and not chunk.flags & SYN:
                self._take_back(now, chunk)
                self._wait(now, chunk)
                break

    def _take_back(self, now: int, chunk: Chunk) -> None:
        sender, queue = self._sender, self._sender.queue
        gone = queue.sent[queue.sent.index(chunk) :]
        sender.congestion.sent(-sum(each.segments for each in gone))
        queue.unsend(chunk)
        sender.taken_back(now)
        sender.timers.restore(chunk.timers)

    def _wait(self, now: int, chunk: Chunk) -> None:
        """For what did leave in the same go, or else to try again."""
        sent = self._sender.queue.sent
        if sent and sent[-1].sent_at == chunk.sent_at:
            self._recovery.loss_timers.schedule_probe(now)
        self._recovery.window_probe.refused(now, chunk)

    def _start_of(self, burst: Burst) -> int:
        return position(self._numbers.iss, burst[0].seq, self._sender.queue.written)
