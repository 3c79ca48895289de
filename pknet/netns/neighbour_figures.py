"""How long a neighbour is believed, and how often it is asked (net.ipv4.neigh.<dev>.*).

Law: each is read when it is needed, in nanoseconds.
"""

from __future__ import annotations

from pknet.netns.neighbour_entry import Neighbour, Nud
from pknet.netns.sysctl import Sysctls
from pknet.sim.clock import MILLISECOND, SECOND


class Figures:
    """Of one namespace, by the device of an entry."""

    def __init__(self, sysctls: Sysctls) -> None:
        self._sysctls = sysctls

    def limit(self, entry: Neighbour) -> int:
        """Requests until it counts as failed: to everyone, or to the MAC that it had."""
        kind = "ucast_solicit" if entry.state is Nud.PROBE else "mcast_solicit"
        return self._sysctls.neigh(entry.dev.name, kind)

    def delay(self, entry: Neighbour) -> int:
        """From the first use of a STALE entry to the first probe."""
        return self._sysctls.neigh(entry.dev.name, "delay_first_probe_time") * SECOND

    def retransmission(self, entry: Neighbour) -> int:
        """Between two requests."""
        return self._sysctls.neigh(entry.dev.name, "retrans_time_ms") * MILLISECOND

    def reachable(self, entry: Neighbour) -> int:
        """How long a confirmation is good for."""
        return self._sysctls.neigh(entry.dev.name, "base_reachable_time_ms") * MILLISECOND
