"""-m icmp (Linux: net/netfilter/xt_tcpudp.c, icmp_match)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Option, PacketMatch, Setting, Test, negation
from pknet.netns.netfilter.faults import near
from pknet.netns.netfilter.matches.ports import transport_header
from pknet.netns.netfilter.numbers import number
from pknet.netns.netfilter.protocols import ICMP, protocol_text

_ANY = 255
_HEADER = 8  # bytes
#: A type, and the codes it matches, both ends included.
Wanted = tuple[int, int, int]


def every_code(kind: int) -> Wanted:
    """Any code of a type."""
    return kind, 0, 255


def one_code(kind: int, code: int) -> Wanted:
    """One code of a type."""
    return kind, code, code


class IcmpMatch(PacketMatch):
    """Type and code."""

    name = "icmp"
    families = (4,)
    number: ClassVar[int] = ICMP
    options = {"--icmp-type": Option(invertible=True, required=True)}
    names: ClassVar[Mapping[str, Wanted]] = {
        "any": every_code(_ANY), "echo-reply": every_code(0), "pong": every_code(0),
        "destination-unreachable": every_code(3), "network-unreachable": one_code(3, 0),
        "host-unreachable": one_code(3, 1), "protocol-unreachable": one_code(3, 2),
        "port-unreachable": one_code(3, 3), "fragmentation-needed": one_code(3, 4),
        "source-route-failed": one_code(3, 5), "network-unknown": one_code(3, 6),
        "host-unknown": one_code(3, 7), "network-prohibited": one_code(3, 9),
        "host-prohibited": one_code(3, 10), "TOS-network-unreachable": one_code(3, 11),
        "TOS-host-unreachable": one_code(3, 12), "communication-prohibited": one_code(3, 13),
        "host-precedence-violation": one_code(3, 14), "precedence-cutoff": one_code(3, 15),
        "source-quench": every_code(4), "redirect": every_code(5),
        "network-redirect": one_code(5, 0), "host-redirect": one_code(5, 1),
        "TOS-network-redirect": one_code(5, 2), "TOS-host-redirect": one_code(5, 3),
        "echo-request": every_code(8), "ping": every_code(8),
        "router-advertisement": every_code(9), "router-solicitation": every_code(10),
        "time-exceeded": every_code(11), "ttl-exceeded": every_code(11),
        "ttl-zero-during-transit": one_code(11, 0),
        "ttl-zero-during-reassembly": one_code(11, 1), "parameter-problem": every_code(12),
        "ip-header-bad": one_code(12, 0), "required-option-missing": one_code(12, 1),
        "timestamp-request": every_code(13), "timestamp-reply": every_code(14),
        "address-mask-request": every_code(17), "address-mask-reply": every_code(18),
    }  # fmt: skip

    def __init__(self, family: int) -> None:
        super().__init__(family)
        self.wanted: Wanted = every_code(_ANY)
        self.inverted = False

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        self.wanted, self.inverted = self._read(values[0]), inverted

    def _read(self, text: str) -> Wanted:
        if text in self.names:
            return self.names[text]
        kind, slash, code = text.partition("/")
        if not kind.isdecimal():
            raise ValueError(f"invalid {self.name} type {text!r}{near(text, self.names)}")
        first = number(kind, 0, 255, "type")
        return one_code(first, number(code, 0, 255, "code")) if slash else every_code(first)

    def check(self, setting: Setting) -> None:
        if setting.protocol != self.number or setting.protocol_inverted:
            raise ValueError(f"-m {self.name} needs -p {protocol_text(self.number)}")

    def save(self) -> str:
        kind, low, high = self.wanted
        text = str(kind) if (low, high) == (0, 255) else f"{kind}/{low}"
        if kind == _ANY and self.family == 4:
            text = "any"
        (name,) = self.options
        return f"{negation(self.inverted)}{name} {text}"

    def test(self) -> Test:
        (kind, low, high), inverted = self.wanted, self.inverted

        def test(state: HookState) -> bool:
            header = transport_header(state.skb, _HEADER)
            if header is None:
                return False
            same = kind == _ANY or (header[0] == kind and low <= header[1] <= high)
            return same != inverted

        return test
