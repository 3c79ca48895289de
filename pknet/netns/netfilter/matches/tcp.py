"""-m tcp (Linux: net/netfilter/xt_tcpudp.c, tcp_mt)."""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Hotdrop, Option, Test, negation
from pknet.netns.netfilter.faults import near
from pknet.netns.netfilter.matches.ports import PORT_OPTIONS, PortMatch
from pknet.netns.netfilter.numbers import number
from pknet.netns.netfilter.protocols import TCP

_HEADER = 20  # bytes
_FLAGS = {"FIN": 1, "SYN": 2, "RST": 4, "PSH": 8, "ACK": 16, "URG": 32}
_WORDS = {**_FLAGS, "ALL": 63, "NONE": 0}
_SYN = (_FLAGS["SYN"] | _FLAGS["RST"] | _FLAGS["ACK"] | _FLAGS["FIN"], _FLAGS["SYN"])
_EOL, _NOP = 0, 1  # RFC 9293 section 3.1


class TcpMatch(PortMatch):
    """Ports, flags, an option."""

    name = "tcp"
    protocol = TCP
    header_size = _HEADER
    options = {
        **PORT_OPTIONS,
        "--tcp-flags": Option(words=2, invertible=True, excludes=("--syn",)),
        "--syn": Option(words=0, invertible=True, excludes=("--tcp-flags",)),
        "--tcp-option": Option(invertible=True),
    }

    def __init__(self, family: int) -> None:
        super().__init__(family)
        self.flags = (0, 0, False)  # mask, value, inverted
        self.kind = (0, False)  # a TCP option, inverted; 0: none is asked for

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        if name == "--syn":
            self.flags = (*_SYN, inverted)
        elif name == "--tcp-flags":
            self.flags = (_flags(values[0]), _flags(values[1]), inverted)
        elif name == "--tcp-option":
            self.kind = (number(values[0], 1, 255, "TCP option"), inverted)
        else:
            super().option(name, values, inverted)

    def save(self) -> str:
        words = [super().save()]
        kind, inverted = self.kind
        if kind:
            words.append(f"{negation(inverted)}--tcp-option {kind}")
        mask, wanted, inverted = self.flags
        if mask or inverted:
            text = f"--tcp-flags {_flags_text(mask)} {_flags_text(wanted)}"
            words.append(negation(inverted) + text)
        return " ".join(word for word in words if word)

    def test(self) -> Test:
        ports = super().test()
        if self.flags == (0, 0, False) and not self.kind[0]:
            return ports
        mask, wanted, flags_not = self.flags
        kind, kind_not = self.kind

        def test(state: HookState) -> bool:
            if not ports(state):
                return False
            segment = state.skb.payload
            if (segment[13] & mask == wanted) == flags_not:
                return False
            return not kind or (kind in _option_kinds(segment)) != kind_not

        return test


def _flags(text: str) -> int:
    total = 0
    for word in text.upper().split(","):
        if word not in _WORDS:
            hint = near(word, _WORDS)
            raise ValueError(f"unknown TCP flag {word!r}{hint}; allowed: {', '.join(_WORDS)}")
        total |= _WORDS[word]
    return total


def _flags_text(value: int) -> str:
    return ",".join(name for name, bit in _FLAGS.items() if value & bit) or "NONE"


def _option_kinds(segment: bytes) -> set[int]:
    """The kinds of options (Linux: tcp_find_option). Raises Hotdrop where they are cut short."""
    end = (segment[12] >> 4) * 4
    if not _HEADER <= end <= len(segment):
        raise Hotdrop("its TCP options are cut short")
    kinds: set[int] = set()
    at = _HEADER
    while at < end:
        kinds.add(segment[at])
        single = segment[at] in (_EOL, _NOP) or at + 1 >= end
        at += 1 if single else max(segment[at + 1], 1)
    return kinds
