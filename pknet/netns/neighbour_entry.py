"""One entry of the neighbour table, and the packets that wait for its address.

Law: the states are RFC 4861's; what waits is counted in bytes of memory, as Linux counts it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from pknet.link.interface import Interface
from pknet.link.skb import Skb
from pknet.netns.truesize import truesize
from pknet.sim import Timer
from pknet.trace import Step, Verdict
from pknet.wire.address import ip_text, mac_text

QUEUE_BYTES = 212_992  # one unresolved neighbour holds (Linux: unres_qlen_bytes, SK_WMEM_MAX)


class Nud(Enum):
    """Neighbour unreachability detection (RFC 4861, section 7.3; Linux: NUD_*)."""

    INCOMPLETE = "INCOMPLETE"
    REACHABLE = "REACHABLE"
    STALE = "STALE"
    DELAY = "DELAY"
    PROBE = "PROBE"
    FAILED = "FAILED"
    PERMANENT = "PERMANENT"


VALID = frozenset({Nud.REACHABLE, Nud.STALE, Nud.DELAY, Nud.PROBE, Nud.PERMANENT})
CONNECTED = frozenset({Nud.REACHABLE, Nud.PERMANENT})


class Waiting(NamedTuple):
    """A held packet, and how it goes on once the address is known."""

    skb: Skb
    send: Callable[[Skb], Verdict]

    @property
    def size(self) -> int:
        """What it takes of QUEUE_BYTES."""
        return truesize(len(self.skb.network))


class Neighbour:
    """One entry. ``cached`` is True once a header was made of it (Linux: hh_cache)."""

    __slots__ = ("address", "cached", "confirmed", "dev", "mac", "probes", "queue", "state",
                 "timer", "updated", "used")  # fmt: skip

    def __init__(self, address: int, dev: Interface) -> None:
        self.address = address
        self.dev = dev
        self.mac = b""
        self.state: Nud | None = None  # NUD_NONE
        self.cached = False
        self.queue: list[Waiting] = []
        self.timer: Timer | None = None
        self.probes = 0
        self.confirmed = 0
        self.updated = 0
        self.used = 0


class NeighbourStep(Step):
    """The link-layer address that was looked up, or that is being asked for."""

    __slots__ = ("address", "entry", "mac", "state")
    detail = True

    def __init__(self, entry: Neighbour) -> None:
        self.entry = entry
        self.address = entry.address
        self.mac = entry.mac
        self.state = entry.state

    @property
    def subjects(self) -> tuple[object, ...]:
        return (self.entry,) if self.state is Nud.PERMANENT else ()

    def __str__(self) -> str:
        state = self.state.value if self.state else "NONE"
        where = mac_text(self.mac) if self.mac else "unknown"
        return f"NEIGHBOUR {ip_text(self.address)} dev {self.entry.dev.name}: {where} {state}"
