"""When the congestion window is reduced, and when that is taken back.

Law: whoever reduces it remembers what it was, and a reduction that proves needless is undone
(RFC 2883, RFC 5682; Linux: tcp_enter_recovery, tcp_enter_loss, tcp_try_undo_*).
"""

from __future__ import annotations

from pknet.netns.socket.tcp.congestion import Phase
from pknet.netns.socket.tcp.sender import Sender
from pknet.netns.socket.tcp.undo import Undo


class Reduction:
    """Of one sender's window. ``testing``: whether the timeout came too early (Linux: frto)."""

    def __init__(self, sender: Sender, undo: Undo) -> None:
        self.sender = sender
        self.undo = undo
        self.testing = False

    # --- begun

    def begin_recovery(self, probes: int) -> None:
        """Something was lost, and is to be sent again (Linux: tcp_enter_recovery).

        ``probes`` that were retransmissions are under way.
        """
        self._begin_undo(probes)
        self.sender.congestion.enter(Phase.RECOVERY, self.sender.queue.next)

    def enter_loss(self, now: int, probes: int, *, again: bool) -> None:
        """The timer ran out, ``again`` or for the first time (Linux: tcp_enter_loss)."""
        sender, congestion = self.sender, self.sender.congestion
        first = congestion.phase < Phase.RECOVERY
        fresh = congestion.phase <= Phase.DISORDER or congestion.high <= sender.queue.una
        fresh |= congestion.phase is Phase.LOSS and not again
        sender.board.lose_all(now)
        congestion.enter_loss(sender.queue.next, sender.board.in_flight, fresh=fresh)
        if fresh:
            self._begin_undo(probes)
        self.testing = first or again

    def _begin_undo(self, probes: int) -> None:
        """Linux: tcp_init_undo."""
        self.undo.begin(self.sender.queue.una, self.sender.board.again + probes)

    # --- ended

    def end(self) -> None:
        """All that was sent before it has arrived (Linux: tcp_try_undo_recovery)."""
        if self.take_back():
            self.sender.congestion.phase = Phase.OPEN
        self.sender.congestion.leave()

    def take_back(self) -> bool:
        """Undo it if it was needless (Linux: tcp_try_undo_dsack)."""
        due = self.undo.due
        if due:
            self.sender.congestion.take_back()
            self.undo.done()
        return due

    def reopen(self) -> None:
        """The timeout was needless (Linux: tcp_try_undo_loss)."""
        for chunk in self.sender.queue.sent:
            chunk.lost = False
        self.sender.congestion.take_back()
        self.undo.done()
        self.sender.congestion.phase = Phase.OPEN
