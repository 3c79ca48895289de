"""The lists of -m recent (Linux: net/netfilter/xt_recent.c, struct recent_table).

Law: a list belongs to its name, not to a rule; whatever is touched last stands last, and the
first one goes when the list is full.
"""

from __future__ import annotations

LIST_LIMIT = 100  # addresses (Linux: ip_list_tot)
STAMPS = 32  # times of one address, where no rule counts more hits (seen on Linux 6.18)


class RecentEntry:
    """One address: its last times, in nanoseconds, oldest first, and the TTL it came with."""

    __slots__ = ("stamps", "ttl")

    def __init__(self, ttl: int, now: int) -> None:
        self.stamps = [now]
        self.ttl = ttl


class RecentList:
    """Addresses, and how many times of each are kept."""

    def __init__(self, mask: int) -> None:
        self.mask = mask
        self.stamps = 0
        self.entries: dict[int, RecentEntry] = {}

    def keep(self, stamps: int) -> None:
        """A rule needs as many; where that is more, the list starts afresh (recent_mt_check)."""
        if stamps > self.stamps:
            self.stamps = stamps
            self.entries.clear()

    def find(self, address: int, ttl: int | None) -> RecentEntry | None:
        """The entry; with ``ttl``, only if it came with that (Linux: recent_entry_lookup)."""
        entry = self.entries.get(address)
        return None if entry is None or (ttl is not None and entry.ttl != ttl) else entry

    def add(self, address: int, ttl: int, now: int) -> None:
        """A new entry (Linux: recent_entry_init)."""
        self.entries.pop(address, None)
        if len(self.entries) >= LIST_LIMIT:
            del self.entries[next(iter(self.entries))]
        self.entries[address] = RecentEntry(ttl, now)

    def touch(self, address: int, ttl: int, now: int) -> None:
        """Note the time (Linux: recent_entry_update)."""
        entry = self.entries.pop(address)
        self.entries[address] = entry
        entry.stamps = [*entry.stamps, now][-self.stamps :]
        entry.ttl = ttl

    def remove(self, address: int) -> None:
        """Forget it."""
        self.entries.pop(address, None)

    def reap(self, oldest: int) -> None:
        """Forget the first entry, where even its last time is too old (recent_entry_reap)."""
        first = next(iter(self.entries), None)
        if first is not None and self.entries[first].stamps[-1] < oldest:
            del self.entries[first]
