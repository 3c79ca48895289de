"""Whether an item came to what was expected of it.

Law: what happened to packets is read off the trace, what the program saw off its outcome;
nothing is asked twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pknet.lab.outcome import Outcome, icmp_words, shown
from pknet.topology.item import Expect
from pknet.trace import Delivered, Dropped, Hop, Tap, Verdict
from pknet.trace.verdict import copies
from pknet.wire import icmp, ipv4
from pknet.wire.address import ip_text
from pknet.wire.ethernet import ETH_P_IP
from pknet.wire.icmp import Icmp
from pknet.wire.ipv4 import Ipv4


def failure(expect: Expect, source: str, outcome: Outcome, taps: Sequence[Tap]) -> str | None:
    """Why the expectation does not hold, in words; None: it holds.

    ``taps``: of the packets that the item sent and caused. Where it sent one alone, it is that
    one which is to be delivered or dropped.
    """
    hops = _hops(taps)
    mine = _of_packet(taps, outcome.packet) if outcome.packet is not None else hops
    problems = [
        _delivered(expect, mine),
        _dropped(expect, mine),
        _reply(expect, source, outcome, hops),
        _connected(expect, outcome),
        _received(expect, outcome),
        _counted(expect, outcome),
    ]
    return "; ".join(problem for problem in problems if problem) or None


def _hops(taps: Sequence[Tap]) -> list[Hop]:
    """The visits of IPv4 packets, each once, in order."""
    return list(dict.fromkeys(tap.hop for tap in taps if tap.frame.type == ETH_P_IP))


def _of_packet(taps: Sequence[Tap], packet: int) -> list[Hop]:
    """The visits of one packet, whatever it is."""
    return list(dict.fromkeys(tap.hop for tap in taps if tap.hop.packet == packet))


def _endings(hops: Sequence[Hop]) -> Iterator[tuple[Hop, Verdict]]:
    for hop in hops:
        if hop.verdict is not None:
            for verdict in copies(hop.verdict):
                yield hop, verdict


def _delivered(expect: Expect, hops: Sequence[Hop]) -> str | None:
    node = expect.delivered
    if node is None:
        return None
    if any(isinstance(v, Delivered) and h.node == node for h, v in _endings(hops)):
        return None
    return f"expected to be delivered to {node}; {_where(hops)}"


def _dropped(expect: Expect, hops: Sequence[Hop]) -> str | None:
    node, reason = expect.dropped, expect.reason
    if node is None:
        return None
    drops = [v for h, v in _endings(hops) if isinstance(v, Dropped) and h.node == node]
    if any(reason is None or v.reason.name == reason for v in drops):
        return None
    wanted = f"expected to be dropped at {node}" + (f" ({reason})" if reason else "")
    return f"{wanted}; {_where(hops)}"


def _where(hops: Sequence[Hop]) -> str:
    """Where it did end."""
    ends = [
        f"dropped at {h.node} ({v.reason.name})" if isinstance(v, Dropped) else
        f"delivered to {h.node}"
        for h, v in _endings(hops)
        if isinstance(v, Dropped | Delivered)
    ]  # fmt: skip
    return f"it was {', '.join(dict.fromkeys(ends))}" if ends else "it came to no end"


def _reply(expect: Expect, source: str, outcome: Outcome, hops: Sequence[Hop]) -> str | None:
    if expect.reply is None:
        return None
    wanted = (icmp.ECHO_REPLY, 0) if expect.reply == "echo-reply" else expect.reply
    sender = None if expect.reply_from is None else int(expect.reply_from)
    heard = [] if outcome.reply is None else [outcome.reply]
    heard += _heard(source.partition(":")[0], hops)
    if any(message == wanted and sender in (None, address) for message, address in heard):
        return None
    name = "an echo-reply" if wanted == (0, 0) else icmp_words(*wanted)
    origin = f" from {expect.reply_from}" if expect.reply_from else ""
    got = ", ".join(f"{icmp_words(*m)} from {ip_text(a)}" for m, a in heard)
    return f"expected {name}{origin}, got {got or _silence(outcome)}"


def _silence(outcome: Outcome) -> str:
    """No reply; of what is not known to have been sent, also what came of it."""
    return "none" if outcome.packet is not None else f"none ({outcome.summary})"


def _heard(node: str, hops: Sequence[Hop]) -> Iterator[tuple[tuple[int, int], int]]:
    """Type, code and sender of each ICMP message that ``node`` took in, but for requests."""
    for hop, verdict in _endings(hops):
        if hop.node != node or not isinstance(verdict, Delivered) or not hop.taps:
            continue
        data = hop.taps[0].frame.network
        header = Ipv4.parse(data)
        if header.protocol == ipv4.ICMP and not header.offset:
            message = Icmp.parse(data, header.header_length)
            if message.type != icmp.ECHO_REQUEST:
                yield (message.type, message.code), header.src


def _connected(expect: Expect, outcome: Outcome) -> str | None:
    if expect.connected is None or expect.connected == bool(outcome.connected):
        return None
    wanted = "to connect" if expect.connected else "not to connect"
    return f"expected {wanted}: {outcome.summary}"


def _received(expect: Expect, outcome: Outcome) -> str | None:
    got = (outcome.received or b"", *outcome.others)
    if expect.received is None or got == (expect.received,):
        return None
    words = ", ".join(shown(data) for data in got if data) or "nothing"
    return f"expected to receive {shown(expect.received)}, got {words}"


def _counted(expect: Expect, outcome: Outcome) -> str | None:
    wanted = {"answered": expect.answered, "lost": expect.lost}
    found = {"answered": outcome.answered, "lost": outcome.lost}
    wrong = [
        f"expected {wanted[word]} {word}, got {found[word]}"
        for word in wanted
        if wanted[word] not in (None, found[word])
    ]
    return "; ".join(wrong) or None
