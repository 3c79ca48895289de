"""What ``conntrack -L`` prints (conntrack-tools; libnetfilter_conntrack: snprintf_default.c)."""

from __future__ import annotations

from collections.abc import Iterable

from pknet.netns.conntrack import status
from pknet.netns.conntrack.connection import Connection
from pknet.netns.conntrack.tracker import Tracker
from pknet.netns.conntrack.tuples import GRE, PORTED, Tuple
from pknet.wire import ipv4
from pknet.wire.address import ip_text

DCCP = 33
#: Protocols that conntrack -L knows by name although no tracker does.
_NAMES = {DCCP: "dccp"}


def line(ct: Connection, tracker: Tracker, now: int) -> str:
    """One connection."""
    name = _NAMES.get(ct.original.protocol, tracker.name)
    words = [f"{name:<8} {ct.original.protocol} {ct.seconds_left(now)}"]
    state = tracker.state(ct)
    if state:
        words.append(state)
    words.append(_tuple(ct.original))
    if not ct.status & status.SEEN_REPLY:
        words.append("[UNREPLIED]")
    words.append(_tuple(ct.reply))
    if ct.status & status.ASSURED:
        words.append("[ASSURED]")
    words += [f"mark={ct.mark}", "use=1"]
    return " ".join(words)


def listing(lines: Iterable[str]) -> str:
    """All of them, one a line."""
    return "".join(f"{text}\n" for text in lines)


def _tuple(one: Tuple) -> str:
    words = f"src={ip_text(one.src)} dst={ip_text(one.dst)}"
    if one.protocol in PORTED or one.protocol == DCCP:  # of DCCP's the kernel tells none: 0
        return f"{words} sport={one.sport} dport={one.dport}"
    if one.protocol == ipv4.ICMP:
        return f"{words} type={one.dport >> 8} code={one.dport & 0xFF} id={one.sport}"
    if one.protocol == GRE:
        return f"{words} srckey=0x{one.sport:x} dstkey=0x{one.dport:x}"
    return words
