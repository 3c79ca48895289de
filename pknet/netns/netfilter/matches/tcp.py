"""-m tcp (Linux: net/netfilter/xt_tcpudp.c)."""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Test, negation
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.matches.ports import PortMatch
from pknet.netns.netfilter.numbers import number

_FLAGS = {"FIN": 1, "SYN": 2, "RST": 4, "PSH": 8, "ACK": 16, "URG": 32}
_ALL = 63
_SYN = (_FLAGS["SYN"] | _FLAGS["RST"] | _FLAGS["ACK"] | _FLAGS["FIN"], _FLAGS["SYN"])


def _flags(text: str) -> int:
    total = 0
    for word in text.split(","):
        if word in ("ALL", "NONE"):
            total |= _ALL if word == "ALL" else 0
        elif word in _FLAGS:
            total |= _FLAGS[word]
        else:
            raise ValueError(f"unknown TCP flag {word!r}; allowed: {', '.join(_FLAGS)}, ALL, NONE")
    return total


def _flags_text(value: int) -> str:
    return ",".join(name for name, bit in _FLAGS.items() if value & bit) or "NONE"


class TcpMatch(PortMatch):
    """Ports, flags, an option."""

    name = protocol = "tcp"
    options = {  # noqa: RUF012
        "--sport": 1, "--source-port": 1, "--dport": 1, "--destination-port": 1,
        "--tcp-flags": 2, "--syn": 0, "--tcp-option": 1,
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.flags: tuple[int, int, bool] | None = None
        self.tcp_option: tuple[int, bool] | None = None

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        if name == "--syn":
            self.flags = (*_SYN, inverted)
        elif name == "--tcp-flags":
            self.flags = (_flags(values[0]), _flags(values[1]), inverted)
        elif name == "--tcp-option":
            self.tcp_option = (number(values[0], 1, 255, "TCP option"), inverted)
        else:
            super().option(name, values, inverted)

    def save(self) -> str:
        words = [super().save()]
        if self.tcp_option is not None:
            kind, inverted = self.tcp_option
            words.append(f"{negation(inverted)}--tcp-option {kind}")
        if self.flags is not None:
            mask, wanted, inverted = self.flags
            text = f"--tcp-flags {_flags_text(mask)} {_flags_text(wanted)}"
            words.append(negation(inverted) + text)
        return " ".join(word for word in words if word)

    def compile(self, host: Host) -> Test:
        ports = super().compile(host)
        flags, wanted = self.flags, self.tcp_option
        if flags is None and wanted is None:
            return ports
        return lambda state: (
            ports(state) and _flags_match(state, flags) and _option_matches(state, wanted)
        )


def _flags_match(state: HookState, flags: tuple[int, int, bool] | None) -> bool:
    if flags is None:
        return True
    at = state.skb.ip.header_length + 13
    if at >= len(state.skb.network):
        return False
    mask, wanted, inverted = flags
    return (state.skb.network[at] & mask == wanted) != inverted


def _option_matches(state: HookState, option: tuple[int, bool] | None) -> bool:
    if option is None:
        return True
    kind, inverted = option
    return (kind in _option_kinds(state.skb.network[state.skb.ip.header_length :])) != inverted


def _option_kinds(segment: bytes) -> list[int]:
    kinds: list[int] = []
    at, end = 20, (segment[12] >> 4) * 4 if len(segment) > 12 else 0
    while at < min(end, len(segment)):
        kinds.append(segment[at])
        single = segment[at] < 2 or at + 1 >= len(segment)
        at += 1 if single else max(segment[at + 1], 1)
    return kinds
