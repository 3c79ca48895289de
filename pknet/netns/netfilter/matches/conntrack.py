"""-m conntrack (Linux: net/netfilter/xt_conntrack.c, conntrack_mt).

Law: of a packet without a connection only the state is known; a rule that asks for more than
that, and not for the state, does not match it, inverted or not.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Match, Option, Test, negation, options
from pknet.netns.netfilter.faults import near
from pknet.netns.netfilter.host import ConnView, Host
from pknet.netns.netfilter.networks import is_prefix, network, network_text, ones
from pknet.netns.netfilter.numbers import number, port_range, range_text
from pknet.netns.netfilter.protocols import protocol

STATES = ("INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED")
_NAT = frozenset({"SNAT", "DNAT"})
_STATUSES = ("EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED")
_ADDRESSES = ("--ctorigsrc", "--ctorigdst", "--ctreplsrc", "--ctrepldst")
_PORTS = ("--ctorigsrcport", "--ctorigdstport", "--ctreplsrcport", "--ctrepldstport")
#: As iptables-save prints them.
_ORDER = ("--ctstate", "--ctproto", *_ADDRESSES, *_PORTS, "--ctstatus", "--ctexpire", "--ctdir")
_FOREVER = 2**32 - 1  # seconds

Part = Callable[[ConnView], bool]


class ConntrackMatch(Match):
    """What connection tracking knows of the packet."""

    name = "conntrack"
    needs_conntrack = True
    options = {**options(_ORDER, Option(invertible=True)), "--ctdir": Option()}

    def __init__(self, family: int) -> None:
        super().__init__(family)
        self.parts: dict[str, tuple[str, bool, Part]] = {}  # option: its text, inverted, test

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        text, part = self._part(name, values[0])
        self.parts[name] = (text, inverted, part)

    def _part(self, name: str, text: str) -> tuple[str, Part]:
        if name in _ADDRESSES:
            return _address_part(name, text, self.family)
        if name in _PORTS:
            low, high = port_range(text)
            read = _end(name, _PORTS)
            return range_text(low, high), lambda c: low <= read(c) <= high
        readers = {"--ctstate": _state_part, "--ctstatus": _status_part,
                   "--ctproto": _protocol_part, "--ctdir": _direction_part,
                   "--ctexpire": _expires_part}  # fmt: skip
        return readers[name](text)

    def complete(self) -> None:
        super().complete()
        if not self.parts:
            raise ValueError(f"{self.name}: at least one option is required")

    def save(self) -> str:
        return " ".join(
            f"{negation(self.parts[name][1])}{name} {self.parts[name][0]}"
            for name in _ORDER
            if name in self.parts
        )

    def compile(self, host: Host) -> Test:
        connection = host.connection
        rest = dict(self.parts)
        state_text, state_not, state_part = rest.pop("--ctstate", ("", False, _any))
        of_a_connection = [(part, inverted) for _, inverted, part in rest.values()]

        def test(state: HookState) -> bool:
            view = connection(state)
            if state_part(view) == state_not:
                return False
            if not view.direction:
                return bool(state_text)
            return all(part(view) != inverted for part, inverted in of_a_connection)

        return test


def names(text: str, allowed: tuple[str, ...], what: str) -> frozenset[str]:
    """A list such as ``NEW,RELATED``. Raises ValueError."""
    found = text.upper().split(",")
    for word in found:
        if word not in allowed:
            hint = near(word, allowed)
            raise ValueError(f"bad {what} {word!r}{hint}; allowed: {', '.join(allowed)}")
    return frozenset(found)


def state_part(text: str, allowed: tuple[str, ...]) -> tuple[str, Part]:
    """The state; SNAT and DNAT ask whether the connection is translated."""
    wanted = names(text, allowed, "state")
    words = ",".join(word for word in allowed if word in wanted)
    translated = wanted & _NAT
    if not translated:
        return words, lambda c: c.state in wanted
    return words, lambda c: c.state in wanted or not translated.isdisjoint(c.statuses)


def _any(view: ConnView) -> bool:
    return True


def _state_part(text: str) -> tuple[str, Part]:
    return state_part(text, (*STATES, "SNAT", "DNAT"))


def _status_part(text: str) -> tuple[str, Part]:
    """NONE is an empty mask, which no connection matches."""
    wanted = names(text, (*_STATUSES, "NONE"), "status") - {"NONE"}
    words = ",".join(word for word in _STATUSES if word in wanted) or "NONE"
    return words, lambda c: not wanted.isdisjoint(c.statuses)


def _protocol_part(text: str) -> tuple[str, Part]:
    value = protocol(text)
    if not value:
        raise ValueError("condition would always match protocol")
    return str(value), lambda c: c.protocol == value


def _direction_part(text: str) -> tuple[str, Part]:
    direction = text.upper()
    if direction not in ("ORIGINAL", "REPLY"):
        raise ValueError(f"bad direction {text!r}; allowed: ORIGINAL, REPLY")
    return direction, lambda c: c.direction == direction


def _expires_part(text: str) -> tuple[str, Part]:
    low, colon, high = text.partition(":")
    first = number(low, 0, _FOREVER, "time") if low or not colon else 0
    last = first if not colon else number(high, 0, _FOREVER, "time") if high else _FOREVER
    if first > last:
        raise ValueError(f"{text!r}: the smaller time comes first")
    return range_text(first, last), lambda c: first <= c.expires <= last


def _end(name: str, of: tuple[str, ...]) -> Callable[[ConnView], int]:
    """Reads one number of the original or of the reply tuple."""
    index = of.index(name) % 2 + (2 if of is _PORTS else 0)
    side = attrgetter("original" if "orig" in name else "reply")
    return lambda c: int(side(c)[index])


def _address_part(name: str, text: str, family: int) -> tuple[str, Part]:
    address, mask = network(text, family)
    if not is_prefix(mask, family):
        raise ValueError(f"{text!r}: iptables-save cannot print a mask with holes here")
    shown = network_text(address, mask, family)
    words = shown.partition("/")[0] if mask == ones(family) else shown
    read, wanted = _end(name, _ADDRESSES), address & mask
    return words, lambda c: read(c) & mask == wanted
