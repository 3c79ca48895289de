"""What a traffic item came to, in words and in values.

Law: an outcome says what the sending program saw; where the packet itself went is the trace's
to say.
"""

from __future__ import annotations

from dataclasses import dataclass

from pknet.lab.grid import Grid
from pknet.netns.socket.programs import told
from pknet.netns.socket.programs.results import PingResult, TcpResult, UdpResult
from pknet.netns.socket.programs.tally import StreamResult
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
    "EPERM": "operation not permitted", "ENETDOWN": "network is down",
}  # fmt: skip

BULK = 65_536  # bytes, one way or the other, from which on a connection's segments are many


@dataclass(frozen=True, slots=True)
class Outcome:
    """``packet`` is the id of the one packet that an item sends, where it is one; ``told`` what a
    real program would say (programs.told)."""

    summary: str
    told: str
    connected: bool | None = None
    received: bytes | None = None
    packet: int | None = None
    reply: tuple[tuple[int, int], int] | None = None  # ICMP type and code, and who sent it
    answered: int | None = None  # of the packets that were sent, where they are counted
    lost: int | None = None
    others: tuple[bytes, ...] = ()  # what was received besides ``received``, if it differs
    bulk: bool = False  # more packets than anybody reads one by one
    grid: Grid | None = None


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
    said = told.by_ping(result)
    if result.icmp is not None:
        words = f"{icmp_words(*result.icmp)} from {ip_text(result.sender)}"
        return Outcome(words, said, packet=packet, reply=(result.icmp, result.sender),
                       answered=0, lost=1)  # fmt: skip
    if result.reply is not None:
        words = f"{result.reply} from {ip_text(result.sender)}"
        return Outcome(words, said, packet=packet, reply=((0, 0), result.sender),
                       answered=1, lost=0)  # fmt: skip
    return Outcome(_error(result.error), said, packet=packet, answered=0,
                   lost=_lost(result.error))  # fmt: skip


def of_tcp(result: TcpResult, sent: int) -> Outcome:
    """``connected, received "pong"``; ``sent`` bytes were to be sent."""
    words = ["connected" if result.connected else "not connected"]
    if result.received:
        words.append(f"received {shown(result.received)}")
    if result.error is not None:
        words.append(ERROR_WORDS.get(result.error, result.error))
    if result.icmp is not None:
        words.append(f"{icmp_words(*result.icmp[:2])} from {result.icmp[2]}")
    bulk = max(sent, len(result.received)) > BULK
    said = told.by_tcp(result)
    return Outcome(", ".join(words), said, result.connected, result.received, bulk=bulk)


def of_udp(result: UdpResult) -> Outcome:
    """``received "pong"``."""
    said = told.by_udp(result)
    if result.received is not None:
        words = f"received {shown(result.received)}"
        return Outcome(words, said, received=result.received, answered=1, lost=0)
    if result.icmp is not None:
        words = f"{icmp_words(*result.icmp[:2])} from {result.icmp[2]}"
        return Outcome(words, said, answered=0, lost=1)
    return Outcome(_error(result.error), said, answered=0, lost=_lost(result.error))


def of_pings(result: StreamResult, grid: Grid | None = None) -> Outcome:
    """Of many; ``grid`` says which."""
    return _of_many(result, told.by_pings(result), grid)


def of_datagrams(result: StreamResult) -> Outcome:
    """Of many."""
    return _of_many(result, told.by_datagrams(result))


def _of_many(result: StreamResult, said: str, grid: Grid | None = None) -> Outcome:
    """``20 sent, 20 answered, 0 lost, min/avg/max 0.612/0.620/0.781 ms``."""
    words = [f"{result.sent} sent", f"{result.answered} answered", f"{result.lost} lost"]
    if result.times is not None:
        times = (result.times.least, result.times.mean, result.times.most)
        words.append(f"min/avg/max {'/'.join(map(_milliseconds, times))} ms")
    for error, count in result.unsent.items():
        words.append(f"{count} {_error(error)}")
    for (kind, code, sender), count in result.icmp.items():
        words.append(f"{count} {icmp_words(kind, code)} from {sender}")
    return Outcome(
        ", ".join(words), said, received=next(iter(result.answers), None), answered=result.answered,
        lost=result.lost, others=result.answers[1:], bulk=True, grid=grid,
    )  # fmt: skip


def unsent(errno: str, packet: int | None = None) -> Outcome:
    """``not sent: network is down``; ``packet`` where the trace tells of it all the same."""
    return Outcome(_error(errno), told.failure(errno), packet=packet)


def _milliseconds(time: int) -> str:
    return f"{time // 1_000_000}.{time // 1_000 % 1_000:03d}"


def _lost(error: str | None) -> int:
    """1 for what was sent and not answered."""
    return int(error in (None, "ETIMEDOUT"))


def _error(error: str | None) -> str:
    if error in (None, "ETIMEDOUT"):
        return "no answer"
    return f"not sent: {ERROR_WORDS.get(error or '', error)}"
