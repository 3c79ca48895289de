"""What connection tracking asks of a protocol (Linux: nf_conntrack_handle_packet).

Law: one protocol, one file. A tracker judges a packet and moves the connection's state and
deadline; it neither finds connections nor removes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pknet.netns.conntrack.connection import Connection, Direction
from pknet.wire.checksum import checksum, pseudo_header
from pknet.wire.ipv4 import Ipv4


@dataclass(frozen=True, slots=True)
class Arrival:
    """A packet as trackers see it. ``verify``: its checksum is to be looked at.

    Linux looks only in PREROUTING: what this host sends is taken to be right.
    """

    header: Ipv4
    payload: bytes
    verify: bool
    now: int

    def sum_is_wrong(self) -> bool:
        """Whether a TCP or UDP checksum does not fit (Linux: nf_ip_checksum)."""
        if not self.verify:
            return False
        header, payload = self.header, self.payload
        pseudo = pseudo_header(header.src, header.dst, header.protocol, len(payload))
        return checksum(pseudo + payload) != 0


@dataclass(frozen=True, slots=True)
class Invalid:
    """The packet belongs to no connection, and ``why`` (Linux: -NF_ACCEPT)."""

    why: str


@dataclass(frozen=True, slots=True)
class Reopen:
    """The connection is over, and the packet begins another (Linux: -NF_REPEAT)."""


#: None: the packet is the connection's.
Answer = Invalid | Reopen | None


class Tracker(Protocol):
    """One protocol."""

    name: str  # as conntrack -L prints it
    #: Whether an entry that finds its tuple taken may yield to the other (Linux: allow_clash).
    allow_clash: bool

    def packet(self, ct: Connection, arrival: Arrival, direction: Direction) -> Answer:
        """Judge the packet; on the first one, ``ct`` is not confirmed yet."""

    def state(self, ct: Connection) -> str:
        """The state's name in conntrack -L; empty where there is none."""
