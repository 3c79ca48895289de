"""What leaves once more (Linux: tcp_retransmit_skb, tcp_xmit_retransmit_queue).

Law: what is sent again is what was sent, cut and joined as segments are now; not more of it than
the congestion window takes.
"""

from __future__ import annotations

from pknet.netns.socket.tcp.send_queue import Chunk
from pknet.netns.socket.tcp.sender import Sender
from pknet.netns.socket.tcp.timers import Timer
from pknet.netns.socket.tcp.undo import Undo
from pknet.wire.tcp import FIN, SYN


class Retransmission:
    """Of one sender; ``undo`` counts them."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self.undo = Undo()

    def repeat(self, now: int, chunk: Chunk, segments: int) -> bool:
        """Send (some of) a chunk again; False where the window forbids."""
        left = self.probe(now, chunk, segments)
        if left:
            chunk.push = None
            self.undo.repeated(chunk.segments)
        return left

    def probe(self, now: int, chunk: Chunk, segments: int) -> bool:
        """The same, of what may not be lost (Linux: __tcp_retransmit_skb)."""
        sender = self.sender
        if chunk.start < sender.queue.una:
            chunk.trim(sender.queue.una)
        room = sender.window_end - chunk.start
        if room <= 0:
            if chunk.start != sender.queue.una:
                return False
            room = sender.mss
        most = sender.mss * segments
        if most > room:
            most = room - room % sender.mss or room
        if len(chunk.data) > most:
            sender.queue.cut(chunk, most)
        else:
            self._collapse(chunk, min(room, sender.mss))
        chunk.mss = sender.mss
        chunk.again = chunk.retransmitted = True
        sender.hand_over(now, chunk)
        return True

    def _collapse(self, chunk: Chunk, room: int) -> None:
        """Take small chunks that follow along (Linux: tcp_retrans_try_collapse)."""
        if chunk.flags & SYN or len(chunk.data) >= room:
            return
        sent = self.sender.queue.sent
        at = sent.index(chunk) + 1
        while at < len(sent) and not sent[at].sacked and not chunk.flags & FIN:
            follower = sent[at]
            fits = len(chunk.data) + len(follower.data) <= room
            if not fits or follower.end > self.sender.window_end:
                return
            del sent[at]
            chunk.data += follower.data
            chunk.flags |= follower.flags

    def repeat_lost(self, now: int) -> None:
        """As much of what is lost as the congestion window takes (tcp_xmit_retransmit_queue)."""
        sender, board, sent = self.sender, self.sender.board, self.sender.queue.sent
        rearm = False
        for chunk in list(sent):
            room = sender.congestion.window - board.in_flight
            if room <= 0 or board.again >= board.lost:
                break
            if not chunk.lost or chunk.sacked or chunk.again or chunk not in sent:
                continue
            chunk.timers = sender.timers.transmission
            if not self.repeat(now, chunk, room):
                break
            sender.congestion.sent(chunk.segments)
            rearm |= chunk is sent[0] and not sender.timers.running(Timer.REORDER)
        if rearm:
            sender.timers.set(Timer.RETRANSMIT, now, sender.rtt.rto)
