"""What a traffic item came to, in words and in values.

Law: an outcome says what the sending program saw; where the packet itself went is the trace's
to say.
"""

from __future__ import annotations

from dataclasses import dataclass

from pknet.netns.socket.programs.results import PingResult, TcpResult, UdpResult
from pknet.wire.address import ip_text

#: What people call the ICMP errors they meet (Linux: ping's pr_icmph).
ICMP_WORDS = {
    (3, 0): "network unreachable", (3, 1): "host unreachable", (3, 2): "protocol unreachable",
    (3, 3): "port unreachable", (3, 4): "fragmentation needed", (3, 9): "network prohibited",
    (3, 10): "host prohibited", (3, 13): "packet filtered", (5, 0): "redirect network",
    (5, 1): "redirect host", (11, 0): "time to live exceeded",
    (11, 1): "reassembly time exceeded",
}  # fmt: skip

ERROR_WORDS = {
    "ECONNREFUSED": "connection refused", "ENETUNREACH": "network is unreachable",
    "EHOSTUNREACH": "no route to host", "ETIMEDOUT": "timed out",
    "ECONNRESET": "connection reset by peer", "EADDRINUSE": "address already in use",
    "EMSGSIZE": "message too long", "EACCES": "permission denied", "EINVAL": "invalid argument",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """``packet`` is the id of the one packet that an item sends, where it is one."""

    summary: str
    connected: bool | None = None
    received: bytes | None = None
    packet: int | None = None
    reply: tuple[tuple[int, int], int] | None = None  # ICMP type and code, and who sent it


def shown(data: bytes) -> str:
    """``"pong"``; bytes that are no plain text in hex; long ones cut."""
    text = data[:40].decode("ascii", errors="replace")
    more = f"… ({len(data)} bytes)" if len(data) > 40 else ""
    if text.isprintable() and "�" not in text:
        return f'"{text}"{more}'
    return data[:20].hex() + (more or f" ({len(data)} bytes)")


def icmp_words(kind: int, code: int) -> str:
    """``ICMP 3/0 network unreachable``."""
    return f"ICMP {kind}/{code} {ICMP_WORDS.get((kind, code), '')}".rstrip()


def of_ping(result: PingResult, packet: int | None) -> Outcome:
    """``echo-reply from 10.1.2.1``."""
    if result.icmp is not None:
        words = f"{icmp_words(*result.icmp)} from {ip_text(result.sender)}"
        return Outcome(words, packet=packet, reply=(result.icmp, result.sender))
    if result.reply is not None:
        words = f"{result.reply} from {ip_text(result.sender)}"
        return Outcome(words, packet=packet, reply=((0, 0), result.sender))
    return Outcome(_error(result.error), packet=packet)


def of_tcp(result: TcpResult) -> Outcome:
    """``connected, received "pong"``."""
    words = ["connected" if result.connected else "not connected"]
    if result.received:
        words.append(f"received {shown(result.received)}")
    if result.error is not None:
        words.append(ERROR_WORDS.get(result.error, result.error))
    if result.icmp is not None:
        words.append(f"{icmp_words(*result.icmp[:2])} from {result.icmp[2]}")
    return Outcome(", ".join(words), result.connected, result.received)


def of_udp(result: UdpResult) -> Outcome:
    """``received "pong"``."""
    if result.received is not None:
        return Outcome(f"received {shown(result.received)}", received=result.received)
    if result.icmp is not None:
        return Outcome(f"{icmp_words(*result.icmp[:2])} from {result.icmp[2]}")
    return Outcome(_error(result.error))


def _error(error: str | None) -> str:
    if error in (None, "ETIMEDOUT"):
        return "no answer"
    return f"not sent: {ERROR_WORDS.get(error or '', error)}"
