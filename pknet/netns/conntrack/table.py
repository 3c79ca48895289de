"""All connections of a namespace (Linux: nf_conntrack_hash, and nf_nat_bysource).

Law: a tuple belongs to one connection at most. An entry whose deadline has passed is as good as
gone: whoever comes across it removes it, and no timer runs for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from pknet.netns.conntrack import status
from pknet.netns.conntrack.connection import Connection, Direction
from pknet.netns.conntrack.tuples import Tuple
from pknet.sim import Clock

Source = tuple[int, int, int, int]


def _source(original: Tuple) -> Source:
    return original.family, original.protocol, original.src, original.sport


class Table:
    """``limit``: entries it may hold (net.netfilter.nf_conntrack_max)."""

    def __init__(self, clock: Clock, limit: int) -> None:
        self._clock = clock
        self._limit = limit
        self._tuples: dict[Tuple, tuple[Connection, Direction]] = {}
        self._entries: dict[int, Connection] = {}
        self._sources: dict[Source, list[Connection]] = {}

    def __iter__(self) -> Iterator[Connection]:
        """Those that live now, in the order in which they began."""
        self._expire()
        return iter(sorted(self._entries.values(), key=lambda ct: ct.number))

    def every(self) -> Iterator[Connection]:
        """Those that nobody has found to be over yet."""
        return iter(self._entries.values())

    def find(self, wanted: Tuple) -> tuple[Connection, Direction] | None:
        """Whose tuple it is, and of which direction (Linux: nf_conntrack_find_get)."""
        found = self._tuples.get(wanted)
        if found is not None and found[0].deadline <= self._clock.now:
            self.remove(found[0])
            return None
        return found

    def taken(self, reply: Tuple, own: Connection) -> bool:
        """Whether ``own`` could not expect ``reply`` (Linux: nf_conntrack_tuple_taken).

        A connection with the same original tuple is the same flow: confirming settles that.
        """
        found = self.find(reply)
        return found is not None and found[0] is not own and found[0].original != own.original

    def has_room(self) -> bool:
        """Whether one more connection may begin (Linux: __nf_conntrack_alloc, without early_drop).

        The kernel would look for a victim in the next eight hash buckets; this table has none.
        """
        if len(self._entries) >= self._limit:
            self._expire()
        return len(self._entries) < self._limit

    def insert(self, ct: Connection) -> None:
        """Let packets of both directions find it (Linux: __nf_conntrack_hash_insert)."""
        self._tuples[ct.original] = ct, Direction.ORIGINAL
        self._add(ct)

    def insert_reply_only(self, ct: Connection) -> None:
        """The original tuple is another's (Linux: nf_ct_resolve_clash_harder)."""
        self._add(ct)

    def _add(self, ct: Connection) -> None:
        ct.status |= status.CONFIRMED
        self._tuples[ct.reply] = ct, Direction.REPLY
        self._entries[ct.number] = ct
        if ct.status & status.SRC_NAT_DONE:
            self._sources.setdefault(_source(ct.original), []).insert(0, ct)

    def remove(self, ct: Connection) -> None:
        """Forget it (Linux: nf_ct_delete); packets that it is attached to keep it."""
        ct.status |= status.DYING
        if self._entries.pop(ct.number, None) is None:
            return
        for wanted in (ct.original, ct.reply):
            if wanted in self._tuples and self._tuples[wanted][0] is ct:
                del self._tuples[wanted]
        kin = self._sources.get(_source(ct.original), [])
        if ct in kin:
            kin.remove(ct)

    def of_source(self, original: Tuple) -> list[Connection]:
        """Those from the same source whose source NAT is decided, the newest first."""
        now = self._clock.now
        return [ct for ct in self._sources.get(_source(original), ()) if ct.deadline > now]

    def _expire(self) -> None:
        now = self._clock.now
        for ct in [ct for ct in self._entries.values() if ct.deadline <= now]:
            self.remove(ct)
