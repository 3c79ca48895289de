"""A bridge's forwarding database: behind which port a station is (Linux: net/bridge/br_fdb.c).

Law: what was heard last is true; it is forgotten after AGEING_TIME without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pknet.link.interface import Interface
from pknet.sim import Clock
from pknet.sim.clock import SECOND

AGEING_TIME = 300 * SECOND  # IEEE 802.1D-2004, table 7-5
LIMIT = 65536  # entries one bridge learns (law: a limit on everything)


class FdbEntry:
    """Where a MAC was last seen. ``updated`` in nanoseconds."""

    __slots__ = ("mac", "port", "updated")

    def __init__(self, mac: bytes, port: Interface, updated: int) -> None:
        self.mac = mac
        self.port = port
        self.updated = updated


class Fdb:
    """The entries of one bridge. What ``is_local`` is the host's own, and never learnt."""

    def __init__(self, clock: Clock, is_local: Callable[[bytes], bool]) -> None:
        self._clock = clock
        self._is_local = is_local
        self._entries: dict[bytes, FdbEntry] = {}

    def __reversed__(self) -> Iterator[FdbEntry]:
        """The live ones, the newest first."""
        return filter(None, map(self.lookup, reversed(self._entries)))

    def ends(self) -> Iterator[int]:
        """When each entry is forgotten, those that are so already among them."""
        return (entry.updated + AGEING_TIME for entry in self._entries.values())

    def learn(self, mac: bytes, port: Interface) -> None:
        """``mac`` is behind ``port`` (Linux: br_fdb_update)."""
        entry = self._entries.get(mac)
        if entry is not None:
            entry.port = port
            entry.updated = self._clock.now
        elif len(self._entries) < LIMIT and not self._is_local(mac):
            self._entries[mac] = FdbEntry(mac, port, self._clock.now)

    def lookup(self, mac: bytes) -> FdbEntry | None:
        """The live entry of ``mac`` (Linux: br_fdb_find_rcu, has_expired)."""
        entry = self._entries.get(mac)
        if entry is None:
            return None
        return entry if self._clock.now - entry.updated < AGEING_TIME else None
