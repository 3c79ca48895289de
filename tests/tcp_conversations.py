"""Conversations between two TCP sockets: who does what when, and which segments are lost.

Law: a conversation is data. The kernel and the control blocks act out the same one, and what each
said is written in the same lines:

    0.000 client S 0:0 win 64240 mss 1460 scale 10 sack-ok
    0.000 server AS 0:0 ack 1 win 64240 mss 1460 scale 10 sack-ok

Milliseconds since the first segment; numbers are counted from the initial ones; ``LOST`` where the
pipe lost it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pknet.netns.socket.tcp.segment import Segment
from pknet.netns.socket.tcp.seq import MASK
from pknet.wire.tcp import ACK

DATA = Path(__file__).parent / "data" / "tcp"

CLIENT, SERVER = "client", "server"

#: What a socket is told: connect, write (so many bytes), read, shutdown, close.
Action = tuple[int, str, str, int]  # milliseconds, who, what, bytes


def acts(text: str) -> tuple[Action, ...]:
    """``60 client write 4; 120 server read`` as actions."""
    found = []
    for line in text.split(";"):
        when, who, what, *size = line.split()
        found.append((int(when), who, what, int(size[0]) if size else 0))
    return tuple(found)


@dataclass(frozen=True)
class Conversation:
    """``lost``: (who sent it, the how-manieth segment of theirs, from 0)."""

    name: str
    script: tuple[Action, ...]
    lost: tuple[tuple[str, int], ...] = ()
    lasts: int = 600  # milliseconds
    buffer: int = 131_072  # the server's receive buffer in bytes (net.ipv4.tcp_rmem[1])

    @property
    def recorded(self) -> list[str]:
        """What the kernel said."""
        return (DATA / f"{self.name}.txt").read_text(encoding="ascii").splitlines()


PLAIN = (
    "0 client connect; 60 client write 4; 120 server read; 180 server write 4;"
    "240 client read; 300 client close; 360 server close"
)
LARGE = "0 client connect; 60 client write {}; 160 server read; 300 client close; 360 server close"

FILLS = (
    "0 client connect; 60 client write 2920; 80 client write 2920; 100 client write 2920;"
    "180 client write 2920; 260 client write 2920;"
)


def _plain(name: str, *lost: tuple[str, int], lasts: int = 1000) -> Conversation:
    return Conversation(name, acts(PLAIN), lost, lasts)


def _large(name: str, size: int, *lost: tuple[str, int], lasts: int = 1000) -> Conversation:
    return Conversation(name, acts(LARGE.format(size)), lost, lasts)


_C, _S = CLIENT, SERVER

CONVERSATIONS = [
    _plain("clean"),
    _plain("data-lost", (_C, 2)),
    _plain("data-lost-twice", (_C, 2), (_C, 3), lasts=1600),
    _plain("reply-lost", (_S, 2)),
    _plain("ack-of-data-lost", (_S, 1)),
    _plain("client-fin-lost", (_C, 4)),
    _plain("server-fin-lost", (_S, 4)),
    _plain("last-ack-lost", (_C, 5)),
    _plain("handshake-ack-lost", (_C, 1)),
    Conversation("syn-lost", acts("0 client connect; 1200 client write 4"), ((_C, 0),), 1400),
    Conversation("syn-ack-lost", acts("0 client connect; 1200 client write 4"), ((_S, 0),), 1400),
    Conversation(
        "large-reply-middle-lost",
        acts(
            "0 client connect; 60 client write 4; 120 server read; 180 server write 10000;"
            "240 client read; 300 client close; 360 server close"
        ),
        ((_S, 5),),
        1000,
    ),
    _large("ten-kilobytes", 10_000),
    _large("ten-kilobytes-middle-lost", 10_000, (_C, 5)),
    _large("ten-kilobytes-two-lost", 10_000, (_C, 4), (_C, 6)),
    _large("ten-kilobytes-first-lost", 10_000, (_C, 2)),
    _large("ten-kilobytes-tail-lost", 10_000, (_C, 8)),
    _large("repeated-segment-lost-again", 10_000, (_C, 5), (_C, 9)),
    Conversation(
        "server-closes-first",
        acts(
            "0 client connect; 60 client write 4; 120 server read; 120 server write 4;"
            "180 server close; 240 client read; 300 client close"
        ),
    ),
    Conversation(
        "half-close",
        acts(
            "0 client connect; 60 client shutdown; 120 server write 3000; 180 client read;"
            "240 server write 10; 300 client read; 360 server close; 420 client close"
        ),
    ),
    Conversation(
        "closes-that-cross",  # the first FIN is lost, so that the second meets FIN-WAIT-1
        acts(
            "0 client connect; 60 client write 4; 120 server read; 180 client close;"
            "240 server close"
        ),
        ((_C, 3),),
    ),
    Conversation(
        "closed-with-data-unread",
        acts("0 client connect; 60 client write 4; 120 server close; 180 client write 4"),
    ),
    Conversation(
        "closed-with-much-unread",
        acts("0 client connect; 60 client write 10000; 200 server close"),
    ),
    Conversation(
        "answer-to-one-who-has-gone",  # each segment of it is refused
        acts(
            "0 client connect; 60 client write 1000; 130 client close; 240 server write 10000;"
            "300 server read; 360 server close"
        ),
    ),
    Conversation(
        "probe-of-two-segments",
        acts(
            "0 client connect; 60 client write 1000; 310 client write 10000; 530 client close;"
            "590 server read; 650 server close"
        ),
        lasts=1000,
        buffer=16_384,
    ),
    Conversation(
        "data-after-the-server-has-gone",
        acts("0 client connect; 60 server close; 120 client write 4; 180 client write 4"),
    ),
    Conversation(
        "closed-window",
        acts(FILLS + "1500 server read; 1700 client close; 1800 server read; 1860 server close"),
        lasts=2200,
        buffer=16_384,
    ),
    Conversation(
        "closed-window-opening-lost",  # the probe finds it open
        acts(FILLS + "700 server read; 2200 server read; 2300 client close; 2400 server close"),
        ((_S, 6),),
        lasts=2700,
        buffer=16_384,
    ),
    Conversation(
        "small-writes",
        acts(
            "0 client connect; 60 client write 10; 70 client write 10; 80 client write 10;"
            "130 server read; 200 client close; 260 server close"
        ),
    ),
    Conversation(
        "answers-within-the-delay",
        acts(
            "0 client connect; 60 client write 4; 64 server read; 64 server write 4;"
            "80 client read; 80 client write 4; 100 server read; 100 server write 4;"
            "120 client read; 120 client write 4; 300 client close; 360 server close"
        ),
    ),
]


def line(who: str, time_ns: int, segment: Segment, mine: int, theirs: int) -> str:
    """One segment; ``mine`` and ``theirs`` are the initial sequence numbers."""
    start = segment.seq - mine & MASK
    names = "".join(name for bit, name in _FLAGS if segment.flags & bit)
    words = [f"{time_ns / 1e6:.3f}", who, names, f"{start}:{start + len(segment.payload)}"]
    if segment.flags & ACK:
        words.append(f"ack {segment.ack - theirs & MASK}")
    words.append(f"win {segment.window}")
    options = segment.options
    words += [] if options.mss is None else [f"mss {options.mss}"]
    words += [] if options.scale is None else [f"scale {options.scale}"]
    words += ["sack-ok"] if options.sack_permitted else []
    words += [f"sack {a - theirs & MASK}-{b - theirs & MASK}" for a, b in options.sacks]
    return " ".join(words)


_FLAGS = ((0x10, "A"), (0x08, "P"), (0x04, "R"), (0x02, "S"), (0x01, "F"))

#: Timers of the kernel fire on its ticks (4 ms), coarser the longer they run (one eighth).
TICKS = 8.0


def differences(said: Iterable[str], expected: Iterable[str]) -> list[str]:
    """What ``said`` differs in; each end's segments are compared in their own order."""
    found = []
    for who in (CLIENT, SERVER):
        mine = [text for text in said if text.split()[1] == who]
        theirs = [text for text in expected if text.split()[1] == who]
        for index in range(max(len(mine), len(theirs))):
            left = mine[index] if index < len(mine) else "(nothing)"
            right = theirs[index] if index < len(theirs) else "(nothing)"
            if not _same(left, right):
                found.append(f"{who}'s segment {index}: {left}\n    and not: {right}")
    return found


def _same(left: str, right: str) -> bool:
    (when, _, what), (then, _, wanted) = left.partition(" "), right.partition(" ")
    if what != wanted:
        return False
    return abs(float(when) - float(then)) <= max(TICKS, float(then) / 8)
