"""Destinations that have a gateway of their own (Linux: struct fib_nh_exception, fnhe_gw).

Law: a detour belongs to the route that it leads away from, and ends with its time.
"""

from __future__ import annotations

from collections.abc import Iterator

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

    def ends(self) -> Iterator[int]:
        """The last moment of each."""
        return (until for _, until in self._gateways.values())

    def gateway(self, route: Route, dst: int, nexthop: int) -> int:
        """The next hop to ``dst`` by ``route``, which is ``nexthop`` without a detour."""
        gateway, until = self._gateways.get((route, dst), (nexthop, self.clock.now))
        return gateway if self.clock.now <= until else nexthop
