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
from pknet.netns.netfilter.recent_list import RecentList
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
    """A connection as -m conntrack sees it, from the packet's side.

    For a packet without one, ``state`` is INVALID or UNTRACKED and ``direction`` is empty.
    """

    @property
    def state(self) -> str:
        """NEW, ESTABLISHED, RELATED, INVALID or UNTRACKED."""

    @property
    def statuses(self) -> frozenset[str]:
        """SNAT, DNAT, EXPECTED, SEEN_REPLY, ASSURED, CONFIRMED."""

    @property
    def direction(self) -> str:
        """ORIGINAL or REPLY."""

    @property
    def protocol(self) -> int:
        """By its number."""

    @property
    def original(self) -> tuple[int, int, int, int]:
        """Source, destination, source port, destination port."""

    @property
    def reply(self) -> tuple[int, int, int, int]:
        """The same, of what comes back."""

    @property
    def expires(self) -> int:
        """In so many seconds."""


class Bound(Protocol):
    """What a connection was bound to."""

    @property
    def words(self) -> str:
        """``DNAT 172.30.0.1:80 -> 10.1.2.1:8080``."""

    @property
    def changes(self) -> bool:
        """False where the packet stays as it is."""


class Host(Protocol):
    """The namespace, seen from its rules."""

    clock: Clock
    chance: Random
    recent: dict[str, RecentList]  # by name; rules make them, and they outlive the rules
    sets: dict[str, IpSet]
    log: list[str]  # what LOG wrote

    def connection(self, state: HookState) -> ConnView:
        """What connection tracking made of the packet."""

    def untrack(self, state: HookState) -> None:
        """Let the packet pass untracked (CT --notrack)."""

    def nat(self, state: HookState, manip: Manip, wanted: NatRange, chain: str) -> Bound | None:
        """Bind the connection; None: the packet has none."""

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
