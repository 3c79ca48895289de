"""How large a packet may be on a path (RFC 1191; Linux: ip_dst_mtu_maybe_forward, fnhe_pmtu).

Law: what an ICMP 3/4 taught binds this host's own packets, never those it forwards.
"""

from __future__ import annotations

from collections.abc import Iterator

from pknet.netns.route import Path
from pknet.sim import Clock
from pknet.sim.clock import SECOND

EXPIRES = 600 * SECOND  # Linux: net.ipv4.route.mtu_expires
MIN_PMTU = 552  # Linux: net.ipv4.route.min_pmtu
LIMIT = 2048  # destinations remembered


class PathMtu:
    """What one namespace has learnt."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._learnt: dict[int, tuple[int, int]] = {}  # destination: MTU, until

    def learn(self, dst: int, mtu: int) -> None:
        """A router said that packets to ``dst`` may have ``mtu`` bytes."""
        if len(self._learnt) >= LIMIT and dst not in self._learnt:
            self._learnt.pop(next(iter(self._learnt)))
        self._learnt[dst] = (max(mtu, MIN_PMTU), self.clock.now + EXPIRES)

    def ends(self) -> Iterator[int]:
        """When each lesson is forgotten."""
        return (until for _, until in self._learnt.values())

    def of(self, path: Path, dst: int) -> int:
        """Bytes a packet of our own on ``path`` to ``dst`` may have."""
        limit = forwarded_mtu(path)
        learnt, until = self._learnt.get(dst, (limit, 0))
        return min(learnt, limit) if self.clock.now < until else limit


def forwarded_mtu(path: Path) -> int:
    """Bytes a forwarded packet on ``path`` may have: what route and device allow."""
    fixed = path.route.mtu if path.route else 0
    return min(fixed, path.dev.mtu) if fixed else path.dev.mtu
