"""Putting fragments together again (RFC 815; Linux: net/ipv4/ip_fragment.c).

Law: overlapping fragments are an attack, and kill the whole packet (RFC 5722); an exact repeat
is only a repeat. What waits has a limit, and a deadline with an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pknet.link.skb import Skb
from pknet.netns.sysctl import Sysctls
from pknet.sim import Clock, Timer
from pknet.sim.clock import SECOND
from pknet.trace import Dropped, DropReason, Held, Verdict
from pknet.wire.ipv4 import DF, MF, Ipv4

QUEUE_LIMIT = 4096  # packets one namespace may be putting together
MAX_LENGTH = 65535

Ending = Callable[[Skb, Dropped], None]
Key = tuple[str, int, int, int, int]  # who asks, source, destination, id, protocol


@dataclass(slots=True)
class Piece:
    """One fragment: its bytes of payload from ``start`` to ``end``."""

    start: int
    end: int
    skb: Skb


class Queue:
    """The fragments of one packet so far (Linux: struct ipq)."""

    __slots__ = ("df_size", "max_size", "pieces", "timer", "total")

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.total: int | None = None  # payload length, once the last fragment is here
        self.max_size = 0
        self.df_size = 0
        self.timer: Timer | None = None

    @property
    def complete(self) -> bool:
        """True when nothing is missing."""
        return self.total is not None and sum(p.end - p.start for p in self.pieces) == self.total


class Reassembly:
    """The queues of one namespace.

    A fragment that waited in vain ends in a visit of its own: by ``discard(skb, dropped)``, or by
    ``time_out(skb, dropped)``, which tells the sender (ICMP 11/1).
    """

    def __init__(self, clock: Clock, sysctls: Sysctls, discard: Ending, time_out: Ending) -> None:
        self.clock = clock
        self.sysctls = sysctls
        self._discard = discard
        self._time_out = time_out
        self._queues: dict[Key, Queue] = {}

    def add(self, user: str, skb: Skb) -> Verdict | None:
        """Take a fragment. None: ``skb`` now holds the whole packet (Linux: ip_defrag).

        ``user`` keeps the queues of conntrack and of local delivery apart.
        """
        header = skb.ip
        key = (user, header.src, header.dst, header.id, header.protocol)
        queue = self._queues.get(key)
        if queue is None:
            if len(self._queues) >= QUEUE_LIMIT:
                return Dropped(DropReason.FRAG_REASM_TIMEOUT, f"{QUEUE_LIMIT} packets wait already")
            queue = self._queues[key] = Queue()
            patience = self.sysctls.integer("net.ipv4.ipfrag_time") * SECOND
            queue.timer = self.clock.after(patience, self._timeout, key)
        dropped = self._insert(queue, skb, header)
        if dropped is not None:
            if not queue.pieces:
                self._forget(key)
            return dropped
        if not queue.complete:
            return Held(f"waits for the other fragments of packet id {header.id}")
        self._forget(key)
        _join(queue, skb)
        return None

    def _forget(self, key: Key) -> None:
        queue = self._queues.pop(key)
        if queue.timer is not None:
            queue.timer.cancel()

    def _insert(self, queue: Queue, skb: Skb, header: Ipv4) -> Dropped | None:
        """Linux: ip_frag_queue, inet_frag_queue_insert."""
        start = header.offset
        end = start + header.length - header.header_length
        last = not header.fragment & MF
        if not last:
            end -= (end - start) % 8
        if end == start or header.header_length + end > MAX_LENGTH:
            return Dropped(DropReason.FRAG_BAD, "an empty or overlong fragment")
        known = queue.total
        farthest = max((p.end for p in queue.pieces), default=0)
        if (last and known is not None and end != known) or (last and end < farthest):
            return self._kill(queue, "its fragments contradict each other")
        if known is not None and end > known:
            return self._kill(queue, "its fragments contradict each other")
        for piece in queue.pieces:
            if piece.start <= start and end <= piece.end:
                return Dropped(DropReason.DUP_FRAG)
            if start < piece.end and piece.start < end:
                return self._kill(queue, "its fragments overlap")
        if last:
            queue.total = end
        self._record(queue, Piece(start, end, skb), header)
        return None

    def _kill(self, queue: Queue, why: str) -> Dropped:
        dropped = Dropped(DropReason.FRAG_BAD, f"{why}: all are thrown away")
        for piece in queue.pieces:
            self.clock.soon(self._discard, piece.skb, dropped)
        queue.pieces.clear()
        return dropped

    def _record(self, queue: Queue, piece: Piece, header: Ipv4) -> None:
        queue.pieces.append(piece)
        queue.pieces.sort(key=lambda p: p.start)
        size = header.header_length + piece.end - piece.start
        queue.max_size = max(queue.max_size, size)
        if header.df:
            queue.df_size = max(queue.df_size, size)

    def _timeout(self, key: Key) -> None:
        """Linux: ip_expire; an error goes out only if the first fragment came."""
        queue = self._queues.pop(key)
        if queue.pieces:
            dropped = Dropped(DropReason.FRAG_REASM_TIMEOUT)
            first, *others = queue.pieces
            (self._discard if first.start else self._time_out)(first.skb, dropped)
            for piece in others:
                self._discard(piece.skb, dropped)


def _join(queue: Queue, skb: Skb) -> None:
    """Make ``skb`` the whole packet (Linux: ip_frag_reasm)."""
    first = queue.pieces[0].skb
    header = first.ip
    size = header.header_length
    payload = b"".join(
        p.skb.network[p.skb.ip.header_length :][: p.end - p.start] for p in queue.pieces
    )
    keep_df = queue.df_size == queue.max_size
    whole = header._replace(length=size + len(payload), fragment=DF if keep_df else 0)
    skb.header = first.header
    skb.network = whole.emit(first.network[20:size]) + payload
    skb.type = first.type
    skb.options = first.options
    skb.frag_max_size = max(queue.df_size, queue.max_size)
    skb.pieces = tuple(p.end - p.start for p in queue.pieces)
    skb.frag_pmtu = keep_df
