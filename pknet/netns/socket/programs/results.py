"""What a program came to.

Law: a program ends once, with one frozen value. ``error`` is the errno's name, as a Linux program
would have seen it; ``icmp`` is the error message that was behind it, if one was.
"""

from __future__ import annotations

from dataclasses import dataclass

#: An ICMP error: type, code, and the address it came from as text.
IcmpFrom = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class TcpResult:
    """``received`` is all that came, also before an error."""

    connected: bool
    received: bytes = b""
    error: str | None = None
    icmp: IcmpFrom | None = None


@dataclass(frozen=True, slots=True)
class UdpResult:
    """``received`` None: no datagram came."""

    received: bytes | None = None
    error: str | None = None
    icmp: IcmpFrom | None = None


@dataclass(frozen=True, slots=True)
class PingResult:
    """``reply`` is ``echo-reply``, or None; ``sender`` who sent it, or the ICMP error; else 0."""

    reply: str | None = None
    sender: int = 0
    icmp: tuple[int, int] | None = None
    error: str | None = None
