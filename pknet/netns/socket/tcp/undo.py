"""Whether a reduction was needless (RFC 2883; RFC 3708; Linux: tcp_may_undo).

Law: if the peer tells that it had everything before we sent it again, nothing was lost: the
window goes back to what it was.
"""

from __future__ import annotations


class Undo:
    """Of the last reduction. Counts retransmissions in segments, until each came twice."""

    def __init__(self) -> None:
        self._since: int | None = None  # the oldest position when it began; None: none to undo
        self._repeats = -1  # retransmissions not known to be needless; -1: there was none yet

    @property
    def due(self) -> bool:
        """Every retransmission was needless."""
        return self._since is not None and not self._repeats

    def begin(self, una: int, under_way: int) -> None:
        """A reduction does, with ``under_way`` retransmissions (Linux: tcp_init_undo)."""
        self._since = una
        self._repeats = under_way or -1

    def done(self) -> None:
        """The reduction was taken back, or cannot be."""
        self._since = None

    def repeated(self, segments: int) -> None:
        """So many were sent again (Linux: tcp_retransmit_skb)."""
        self._repeats = max(self._repeats, 0) + segments

    def twice(self, end: int, segments: int) -> None:
        """The peer had so many before ``end`` already (tcp_check_dsack, tcp_sacktag_one)."""
        if self._since is not None and end > self._since and self._repeats > 0:
            self._repeats = max(self._repeats - segments, 0)
