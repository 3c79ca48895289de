"""What a program was told by its socket, in few words: errno's names, bytes as they are.

Law: nothing is said that a program cannot know, so that a real one on Linux says the same.
"""

from __future__ import annotations

from dataclasses import replace

from pknet.netns.socket.programs.results import PingResult, TcpResult, UdpResult
from pknet.netns.socket.programs.tally import StreamResult
from pknet.wire.address import ip_text

NO_ANSWER = "no answer"
SENT = "sent"
WAITED = "waited"


def failure(errno: str | None) -> str:
    """``ECONNREFUSED``; a program does not tell its own patience from the kernel's."""
    return NO_ANSWER if errno in (None, "ETIMEDOUT") else errno or ""


def by_ping(result: PingResult) -> str:
    """``echo-reply from 10.0.0.2``, ``icmp 3/1 from 10.0.0.1``."""
    if result.icmp is not None:
        return error_from(*result.icmp, ip_text(result.sender))
    if result.reply is not None:
        return f"{result.reply} from {ip_text(result.sender)}"
    return failure(result.error)


def error_from(kind: int, code: int, sender: str) -> str:
    """An ICMP error."""
    return f"icmp {kind}/{code} from {sender}"


def by_udp(result: UdpResult) -> str:
    """``received b'pong'``."""
    return failure(result.error) if result.received is None else f"received {result.received!r}"


def by_tcp(result: TcpResult) -> str:
    """``connected, received b'pong'``."""
    if result.error is not None:
        return failure(result.error)
    return f"connected, received {result.received!r}"


def by_pings(result: StreamResult) -> str:
    """``3 sent, 1 answered, 1 EPERM, 2 icmp 3/1 from 10.0.0.1``."""
    words = [f"{result.sent} sent", f"{result.answered} answered"]
    words += (f"{count} {errno}" for errno, count in sorted(result.unsent.items()))
    words += (f"{count} {error_from(*error)}" for error, count in sorted(result.icmp.items()))
    return ", ".join(words)


def by_datagrams(result: StreamResult) -> str:
    """The same without errors, which a UDP program is told by errno alone, and not each of."""
    return by_pings(replace(result, icmp={}))
