"""What a topology file sends, as frozen values: one class for each kind of traffic item.

Law: an item says all that it is; a default here is the file's default.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from pknet.topology.place import Place


@dataclass(frozen=True, slots=True)
class Expect:
    """What an item must have come to; ``None`` says nothing about that point."""

    delivered: str | None = None
    dropped: str | None = None
    reason: str | None = None
    reply: str | tuple[int, int] | None = None  # "echo-reply" and its like, or ICMP type and code
    reply_from: IPv4Address | None = None
    connected: bool | None = None
    received: bytes | None = None
    answered: int | None = None
    lost: int | None = None


@dataclass(frozen=True, slots=True)
class Traffic:
    """What every traffic item has. ``at`` and ``timeout`` in nanoseconds."""

    place: Place
    source: str  # a node, or node:interface for a frame
    name: str
    expect: Expect | None = None
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Ping(Traffic):
    """One echo request; ``ipid`` None lets the kernel choose."""

    destination: IPv4Address = field(kw_only=True)
    id: int = 1
    seq: int = 1
    ttl: int = 64
    size: int = 56
    df: bool = True
    ipid: int | None = None
    timeout: int = 300_000_000


@dataclass(frozen=True, slots=True)
class Tcp(Traffic):
    """Connect, send, read the reply, close first."""

    destination: IPv4Address = field(kw_only=True)
    port: int = field(kw_only=True)
    sport: int | None = None
    payload: bytes = b""
    timeout: int = 990_000_000


@dataclass(frozen=True, slots=True)
class Udp(Traffic):
    """One datagram from a connected socket, and what comes back."""

    destination: IPv4Address = field(kw_only=True)
    port: int = field(kw_only=True)
    sport: int | None = None
    payload: bytes = b""
    ttl: int = 64
    df: bool = True
    timeout: int = 300_000_000


@dataclass(frozen=True, slots=True)
class Send(Traffic):
    """A Scapy packet (routed by the node) or, with an Ether layer, a frame from an interface.

    ``expression`` is the text, already checked; ``wire`` its bytes: a frame where ``interface``
    is given, else an IPv4 packet.
    """

    expression: str = field(kw_only=True)
    wire: bytes = field(kw_only=True)
    interface: str | None = None


@dataclass(frozen=True, slots=True)
class Wait(Traffic):
    """Let ``duration`` nanoseconds pass."""

    duration: int = field(kw_only=True)
