"""Traffic items of many packets, as frozen values.

Law: how many there are, and when each is due, hangs on the file alone; there is a limit on all.

A stream is a single item's kind with a ``count``: what is true of one packet is true of each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from pknet.topology.item import Ping, Traffic, Udp

_SECOND = 1_000_000_000  # nanoseconds

MAX_COUNT = 1_000_000  # packets of an item: ours, since a trace keeps every hop of each
DEFAULT_RATE = 1_000  # packets a second: an answer is mostly there before the next one goes
DEFAULT_INTERVAL = _SECOND  # of ping(8)
MAX_HOSTS = 1_000  # that all ping each other: a million pings


@dataclass(frozen=True, slots=True)
class PingStream(Ping):
    """``ping -c count -i interval``: sequence numbers from ``seq`` on, beyond 65535 from 0."""

    count: int = field(kw_only=True)
    interval: int = DEFAULT_INTERVAL  # nanoseconds

    def due(self, number: int) -> int:
        """When the packet ``number`` (from 0) goes, in nanoseconds from the first."""
        return number * self.interval


@dataclass(frozen=True, slots=True)
class UdpStream(Udp):
    """``count`` datagrams of one connected socket, ``rate`` a second."""

    count: int = field(kw_only=True)
    rate: int = DEFAULT_RATE

    def due(self, number: int) -> int:
        """When the packet ``number`` (from 0) goes, in nanoseconds from the first."""
        return number * _SECOND // self.rate


@dataclass(frozen=True, slots=True)
class UdpConnections(UdpStream):
    """The same with a socket, and so a connection, for each: ``sport: new``.

    ``sports`` is each one's source port; no other item of that node sends from any of them.
    """

    sports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PingAll(Traffic):
    """Every host pings every other one, one after the other; ``hosts`` with their addresses."""

    names: tuple[str, ...] | None = field(kw_only=True)  # None: all
    timeout: int = 300_000_000
    hosts: tuple[tuple[str, IPv4Address], ...] = ()
