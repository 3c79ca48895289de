"""Which node a MAC lives on (Linux: drivers/net/vxlan, struct vxlan_fdb).

Law: what an administrator wrote is never overwritten by what is heard. The entry of the zero
MAC is for every address that has none of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pknet.sim import Clock
from pknet.trace import DropReason
from pknet.wire.address import ZERO_MAC, is_multicast_mac

LIMIT = 65536  # entries one device learns (law: a limit on everything)


class Remote(NamedTuple):
    """A far end: address, UDP port, VNI."""

    address: int
    port: int
    vni: int


class VxlanEntry:
    """``state`` is bridge(8)'s word: permanent, static, or empty for what was learnt."""

    __slots__ = ("mac", "remotes", "state", "updated")

    def __init__(self, mac: bytes, remotes: list[Remote], state: str, updated: int) -> None:
        self.mac = mac
        self.remotes = remotes
        self.state = state
        self.updated = updated


class VxlanFdb:
    """The table of one device. ``ageing`` in nanoseconds; what was written never ages."""

    def __init__(self, clock: Clock, ageing: int) -> None:
        self.clock = clock
        self.ageing = ageing
        self._entries: dict[bytes, VxlanEntry] = {}

    def __iter__(self) -> Iterator[VxlanEntry]:
        return (entry for entry in self._entries.values() if self._live(entry))

    def ends(self) -> Iterator[int]:
        """When each entry that was learnt is forgotten, those that are so already among them."""
        return (entry.updated + self.ageing for entry in self._entries.values() if not entry.state)

    def append(self, mac: bytes, remote: Remote, state: str = "permanent") -> None:
        """``bridge fdb append``: one more far end for the zero MAC or a group, else the one."""
        entry = self._entries.get(mac)
        if entry is None:
            self._entries[mac] = VxlanEntry(mac, [remote], state, self.clock.now)
        else:
            entry.remotes.append(remote)

    def remove(self, entry: VxlanEntry) -> None:
        """``bridge fdb del``. Raises KeyError where it is not."""
        del self._entries[entry.mac]

    def find(self, mac: bytes) -> VxlanEntry | None:
        """The entry of ``mac``, or that of everyone (Linux: vxlan_xmit)."""
        return self._find(mac) or self._find(ZERO_MAC)

    def learn(self, mac: bytes, remote: Remote) -> DropReason | None:
        """``mac`` was heard from ``remote``; why the frame must die (Linux: vxlan_snoop)."""
        if is_multicast_mac(mac) or mac == ZERO_MAC:
            return DropReason.MAC_INVALID_SOURCE
        entry = self._find(mac)
        if entry is None:
            if len(self._entries) < LIMIT:
                self._entries[mac] = VxlanEntry(mac, [remote], "", self.clock.now)
            return None
        if entry.remotes[0].address != remote.address:
            if entry.state:
                return DropReason.VXLAN_ENTRY_EXISTS
            entry.remotes[0] = entry.remotes[0]._replace(address=remote.address)
        entry.updated = self.clock.now
        return None

    def _find(self, mac: bytes) -> VxlanEntry | None:
        entry = self._entries.get(mac)
        if entry is not None and not self._live(entry):
            del self._entries[mac]
            return None
        return entry

    def _live(self, entry: VxlanEntry) -> bool:
        """Linux: vxlan_cleanup."""
        return bool(entry.state) or self.clock.now - entry.updated < self.ageing
