"""-m multiport (Linux: net/netfilter/xt_multiport.c)."""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Option, PacketMatch, Setting, Test, negation
from pknet.netns.netfilter.matches.ports import ports_of
from pknet.netns.netfilter.numbers import port, range_text
from pknet.netns.netfilter.protocols import DCCP, SCTP, TCP, UDP, UDPLITE

LIMIT = 15  # Linux: XT_MULTI_PORTS; a range counts twice
_PROTOCOLS = (TCP, UDP, UDPLITE, SCTP, DCCP)
_PORTS = 4  # bytes: the two ports
_SIDES = {"--sports": (0,), "--dports": (1,), "--ports": (0, 1)}


class Multiport(PacketMatch):
    """One of several ports."""

    name = "multiport"
    options = {
        side: Option(invertible=True, excludes=tuple(other for other in _SIDES if other != side))
        for side in _SIDES
    }
    aliases = {
        "--source-ports": "--sports", "--destination-ports": "--dports", "--port": "--ports",
    }  # fmt: skip

    def __init__(self, family: int) -> None:
        super().__init__(family)
        self.side = ""
        self.ranges: list[tuple[int, int]] = []
        self.inverted = False

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        self.side, self.inverted = name, inverted
        self.ranges = [_range(part) for part in values[0].split(",")]
        if sum(1 if low == high else 2 for low, high in self.ranges) > LIMIT:
            raise ValueError(f"too many ports specified (at most {LIMIT}; a range counts twice)")

    def complete(self) -> None:
        super().complete()
        if not self.side:
            raise ValueError("multiport expects an option: --sports, --dports or --ports")

    def check(self, setting: Setting) -> None:
        if setting.protocol not in _PROTOCOLS or setting.protocol_inverted:
            raise ValueError("multiport needs -p tcp, udp, udplite, sctp or dccp")

    def save(self) -> str:
        text = ",".join(range_text(low, high) for low, high in self.ranges)
        return f"{negation(self.inverted)}{self.side} {text}"

    def test(self) -> Test:
        picks, ranges, inverted = _SIDES[self.side], tuple(self.ranges), self.inverted

        def test(state: HookState) -> bool:
            ports = ports_of(state.skb, _PORTS)
            if ports is None:
                return False
            found = any(low <= ports[i] <= high for i in picks for low, high in ranges)
            return found != inverted

        return test


def _range(text: str) -> tuple[int, int]:
    low, colon, high = text.partition(":")
    first, last = port(low), port(high) if colon else port(low)
    if colon and first >= last:
        raise ValueError(f"invalid portrange {text!r}: the smaller port comes first")
    return first, last
