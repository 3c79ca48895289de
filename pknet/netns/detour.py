"""Destinations that have a gateway of their own (Linux: struct fib_nh_exception, fnhe_gw).

Law: a detour belongs to the route that it leads away from, and ends with its time.
"""

from __future__ import annotations

from pknet.netns.route import Route
from pknet.sim import Clock

LIMIT = 2048  # destinations remembered


class Detours:
    """Those of one namespace."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._gateways: dict[tuple[Route, int], tuple[int, int]] = {}

    def learn(self, route: Route, dst: int, gateway: int, until: int) -> None:
        """What ``route`` would send to ``dst`` goes to ``gateway``, up to ``until`` (ns)."""
        key = (route, dst)
        if len(self._gateways) >= LIMIT and key not in self._gateways:
            self._gateways.pop(next(iter(self._gateways)))
        self._gateways[key] = (gateway, until)

    def gateway(self, route: Route, dst: int) -> int:
        """The next hop to ``dst`` by ``route``."""
        gateway, until = self._gateways.get((route, dst), (0, 0))
        return gateway if self.clock.now <= until and gateway else route.via or dst
