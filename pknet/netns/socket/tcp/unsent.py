"""What our own node refused was never sent (Linux: tcp_write_xmit breaks off).

Law: a refusal takes back the chunk and all that was to follow it in the same go, and leaves timers
and windows as if that had not been tried; it is tried again by the next acknowledgement, or a
timer. Of what is sent again, only that it was tried counts (Linux: __tcp_retransmit_skb). A SYN is
as good as lost.
"""

from __future__ import annotations

from pknet.netns.socket.tcp.push import Push, Way
from pknet.netns.socket.tcp.recovery import Recovery
from pknet.netns.socket.tcp.segment import Burst
from pknet.netns.socket.tcp.send_queue import Chunk
from pknet.netns.socket.tcp.sender import Sender
from pknet.wire.tcp import SYN


class Unsent:
    """Of one sender."""

    def __init__(self, sender: Sender, recovery: Recovery) -> None:
        self._sender = sender
        self._recovery = recovery

    def stands(self, burst: Burst) -> bool:
        """Whether ``burst`` is to be sent, and was not taken back with one before it."""
        if not burst[0].length or burst[0].has(SYN):
            return True
        return self._chunk_of(burst) is not None

    def refused(self, now: int, burst: Burst) -> None:
        """Our own node did not let ``burst`` go."""
        chunk = self._chunk_of(burst)
        if chunk is None or chunk.flags & SYN:
            return
        if chunk.retransmitted:
            self._forget_repeats(now, chunk)
        elif chunk.push is not None:
            self._take_back(now, chunk, chunk.push)
        if chunk.push is not None and chunk.push.way is Way.PROBE:
            self._recovery.loss_timers.probe_failed(now)

    def _take_back(self, now: int, chunk: Chunk, push: Push) -> None:
        """It waits again, and so does all that came after it."""
        sender, queue = self._sender, self._sender.queue
        for each in queue.unsend(chunk):
            sender.congestion.sent(-each.segments)
            each.burst = ()
        sender.nagle.taken_back()
        sender.timers.restore(chunk.timers)
        if push.way is not Way.WAKE:
            sender.usage.restore(push.usage)
            sent = sender.pushed(now, push, held_back=False)
            if push.then is not None:
                sent |= sender.push(now, push.then)
            if sent:
                self._recovery.loss_timers.schedule_probe(now)
        self._recovery.window_probe.refused(now, push)

    def _forget_repeats(self, now: int, chunk: Chunk) -> None:
        """They are not under way, and none of them counts as sent in a reduction."""
        sender, tried_at = self._sender, chunk.sent_at
        sent = sender.queue.sent
        for each in sent[sent.index(chunk) :]:
            if each.again and each.sent_at == tried_at:
                each.again, each.sent_at, each.burst = False, each.sent_before, ()
                if each.push is None:
                    sender.congestion.sent(-each.segments)
        if chunk is sent[0]:  # else the timer waits for that one, which did leave
            sender.timers.restore(chunk.timers)
            if not chunk.timers:
                self._recovery.loss_timers.wait_for_oldest(now)

    def _chunk_of(self, burst: Burst) -> Chunk | None:
        return next((chunk for chunk in self._sender.queue.sent if chunk.burst is burst), None)
