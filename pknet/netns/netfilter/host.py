"""What a rule asks of the namespace that it stands in.

Law: a match or target sees a packet through HookState and the rest of the world through Host.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Protocol

from pknet.netns.hook import HookState
from pknet.netns.netfilter.ipset import IpSet
from pknet.sim import Clock


class Manip(Enum):
    """Which address of a connection NAT changes (Linux: enum nf_nat_manip_type)."""

    SRC = "SNAT"
    DST = "DNAT"


@dataclass(frozen=True, slots=True)
class NatRange:
    """What may be chosen from (Linux: struct nf_nat_range2). 0: left as it is."""

    min_ip: int = 0
    max_ip: int = 0
    min_port: int = 0
    max_port: int = 0
    random: bool = False
    random_fully: bool = False
    persistent: bool = False


class ConnView(Protocol):
    """A connection as -m conntrack sees it, from the packet's side."""

    state: str  # NEW, ESTABLISHED, RELATED, INVALID or UNTRACKED
    statuses: frozenset[str]  # SNAT, DNAT, EXPECTED, SEEN_REPLY, ASSURED, CONFIRMED
    direction: str  # ORIGINAL or REPLY
    protocol: int
    original: tuple[int, int, int, int]  # source, destination, source port, destination port
    reply: tuple[int, int, int, int]
    expires: int  # seconds


class Bound(Protocol):
    """What a connection was bound to, in words, and whether that changes anything."""

    @property
    def words(self) -> str: ...  # noqa: D102
    @property
    def changes(self) -> bool: ...  # noqa: D102


class RecentEntry:
    """One address of a list of -m recent: its last times, in nanoseconds, and its TTL."""

    __slots__ = ("stamps", "ttl")

    def __init__(self, ttl: int) -> None:
        self.stamps: list[int] = []
        self.ttl = ttl


class Host(Protocol):
    """The namespace, seen from its rules."""

    clock: Clock
    chance: Random
    recent: dict[str, dict[int, RecentEntry]]  # the lists of -m recent, by name
    sets: dict[str, IpSet]
    log: list[str]  # what LOG wrote

    def connection(self, state: HookState) -> ConnView:
        """What connection tracking made of the packet."""

    def untrack(self, state: HookState) -> None:
        """Let the packet pass untracked (CT --notrack)."""

    def nat(
        self, state: HookState, manip: Manip, wanted: NatRange, chain: str
    ) -> Bound | None:
        """Bind the connection; None: there is none, or nothing is free."""

    def masquerade(self, state: HookState, wanted: NatRange, chain: str) -> Bound | None:
        """The same for the source, for as long as the way out stays."""

    def address_type(self, address: int, dev: str) -> str:
        """For addrtype: UNICAST LOCAL BROADCAST MULTICAST …; ``dev`` empty: any device."""

    def primary_address(self, state: HookState) -> int:
        """The address MASQUERADE takes: that of the way out; 0: none."""

    def redirect_address(self, state: HookState) -> int:
        """The address REDIRECT takes: that of the device the packet came in by; 0: none."""

    def reject(self, state: HookState, kind: str) -> str:
        """Answer with ``kind`` (a --reject-with word); what came of it in words."""
