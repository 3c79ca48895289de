"""How large a packet may be on a path (RFC 1191; Linux: ip_dst_mtu_maybe_forward, fnhe_pmtu).

Law: what an ICMP 3/4 taught binds this host's own packets, never those it forwards. Who hears of
less than he believes (min_pmtu) gives up: he sends that much, and lets it be cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pknet.netns.route import Path
from pknet.sim import Clock
from pknet.sim.clock import SECOND

EXPIRES = 600 * SECOND  # Linux: net.ipv4.route.mtu_expires
MIN_PMTU = 552  # Linux: net.ipv4.route.min_pmtu
LIMIT = 2048  # destinations remembered


class _Lesson(NamedTuple):
    """What is known of one destination, up to ``until`` (ns)."""

    mtu: int
    until: int
    locked: bool


class PathMtu:
    """What one namespace has learnt."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._learnt: dict[int, _Lesson] = {}  # by destination

    def learn(self, dst: int, mtu: int) -> None:
        """A router said that packets to ``dst`` may have ``mtu`` bytes.

        What is more than was known teaches nothing, nor does anything where it is locked already
        (Linux: __ip_rt_update_pmtu).
        """
        known = self._known(dst)
        if known is not None and (known.locked or known.mtu < mtu):
            return
        if len(self._learnt) >= LIMIT and dst not in self._learnt:
            self._learnt.pop(next(iter(self._learnt)))
        self._learnt[dst] = _Lesson(max(mtu, MIN_PMTU), self.clock.now + EXPIRES, mtu < MIN_PMTU)

    def ends(self) -> Iterator[int]:
        """When each lesson is forgotten."""
        return (lesson.until for lesson in self._learnt.values())

    def of(self, path: Path, dst: int) -> int:
        """Bytes a packet of our own on ``path`` to ``dst`` may have."""
        limit = forwarded_mtu(path)
        known = self._known(dst)
        return limit if known is None else min(known.mtu, limit)

    def locked(self, dst: int) -> bool:
        """Whether what a socket sends to ``dst`` may be cut after all (Linux: ip_mtu_locked)."""
        known = self._known(dst)
        return known is not None and known.locked

    def _known(self, dst: int) -> _Lesson | None:
        lesson = self._learnt.get(dst)
        return lesson if lesson is not None and self.clock.now < lesson.until else None


def forwarded_mtu(path: Path) -> int:
    """Bytes a forwarded packet on ``path`` may have: what route and device allow."""
    fixed = path.route.mtu if path.route else 0
    return min(fixed, path.dev.mtu) if fixed else path.dev.mtu
