"""-m conntrack, and -m state (Linux: net/netfilter/xt_conntrack.c)."""

from __future__ import annotations

from collections.abc import Callable

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Match, Setting, Test, negation
from pknet.netns.netfilter.host import ConnView, Host
from pknet.netns.netfilter.numbers import (
    network,
    network_text,
    number,
    port_range,
    port_range_text,
    protocol,
)

_STATES = ("INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED", "SNAT", "DNAT")
_STATUSES = ("EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED")
_ADDRESSES = {"--ctorigsrc": 0, "--ctorigdst": 1, "--ctreplsrc": 0, "--ctrepldst": 1}
_PORTS = {
    "--ctorigsrcport": 2, "--ctorigdstport": 3, "--ctreplsrcport": 2, "--ctrepldstport": 3
}  # fmt: skip
_ORDER = (
    "--ctstate", "--ctproto", "--ctorigsrc", "--ctorigdst", "--ctreplsrc", "--ctrepldst",
    "--ctstatus", "--ctexpire", "--ctorigsrcport", "--ctorigdstport", "--ctreplsrcport",
    "--ctrepldstport", "--ctdir",
)  # fmt: skip

Part = Callable[[ConnView], bool]


def names(text: str, allowed: tuple[str, ...], what: str) -> frozenset[str]:
    """A list such as ``NEW,RELATED``. Raises ValueError."""
    found = frozenset(text.upper().split(","))
    for word in found - set(allowed):
        raise ValueError(f"Bad {what} {word!r}; allowed: {', '.join(allowed)}")
    return found


class ConntrackMatch(Match):
    """What connection tracking knows of the packet."""

    name = "conntrack"
    needs_conntrack = True
    options = dict.fromkeys(_ORDER, 1)

    def __init__(self) -> None:
        self.parts: dict[str, tuple[str, bool, Part]] = {}  # option: its text, inverted, test

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        text, part = self._part(name, values[0])
        if name == "--ctdir":
            self.once(inverted, allowed=False)
        self.parts[name] = (text, inverted, part)

    def _part(self, name: str, text: str) -> tuple[str, Part]:
        if name == "--ctstate":
            return _states(text)
        if name == "--ctstatus":
            wanted = names(text, (*_STATUSES, "NONE"), "ctstatus") - {"NONE"}
            words = ",".join(word for word in _STATUSES if word in wanted) or "NONE"
            return words, lambda c: bool(c.statuses & wanted) if wanted else not c.statuses
        if name == "--ctproto":
            value = protocol(text)
            return str(value), lambda c: c.protocol == value
        if name == "--ctdir":
            (direction,) = names(text, ("ORIGINAL", "REPLY"), "ctdir")
            return direction, lambda c: c.direction == direction
        if name == "--ctexpire":
            low, colon, high = text.partition(":")
            first = number(low, 0, 2**32 - 1, "time")
            last = number(high, 0, 2**32 - 1, "time") if colon else first
            return port_range_text(first, last), lambda c: first <= c.expires <= last
        return _tuple_part(name, text)

    def check(self, setting: Setting) -> None:
        if not self.parts:
            raise ValueError("conntrack: at least one option is required")

    def save(self) -> str:
        return " ".join(
            f"{negation(self.parts[name][1])}{name} {self.parts[name][0]}"
            for name in _ORDER
            if name in self.parts
        )

    def compile(self, host: Host) -> Test:
        connection = host.connection
        tests = [(part, inverted) for _, inverted, part in self.parts.values()]
        if len(tests) == 1:
            part, inverted = tests[0]
            return lambda state: part(connection(state)) != inverted

        def test(state: HookState) -> bool:
            view = connection(state)
            return all(part(view) != inverted for part, inverted in tests)

        return test


def _states(text: str) -> tuple[str, Part]:
    wanted = names(text, _STATES, "ctstate")
    words = ",".join(word for word in _STATES if word in wanted)
    return words, lambda c: c.state in wanted or bool(c.statuses & wanted & {"SNAT", "DNAT"})


def _tuple_part(name: str, text: str) -> tuple[str, Part]:
    """An address or a port of the original or of the reply tuple."""
    side = "original" if "orig" in name else "reply"
    if name in _ADDRESSES:
        index = _ADDRESSES[name]
        address, mask = network(text)
        shown = network_text(address, mask).removesuffix("/32")
        return shown, lambda c: getattr(c, side)[index] & mask == address
    index = _PORTS[name]
    low, high = port_range(text)
    return port_range_text(low, high), lambda c: low <= getattr(c, side)[index] <= high


class StateMatch(ConntrackMatch):
    """-m state, the older spelling of ``--ctstate``."""

    name = "state"
    options = {"--state": 1}  # noqa: RUF012

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        super().option("--ctstate", values, inverted)

    def save(self) -> str:
        text, inverted, _ = self.parts["--ctstate"]
        return f"{negation(inverted)}--state {text}"
