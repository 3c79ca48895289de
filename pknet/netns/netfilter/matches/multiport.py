"""-m multiport (Linux: net/netfilter/xt_multiport.c)."""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Match, Setting, Test, negation
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.matches.ports import ports_of
from pknet.netns.netfilter.numbers import PROTOCOLS, port_range, port_range_text

LIMIT = 15  # Linux: XT_MULTI_PORTS; a range counts twice
_PROTOCOLS = frozenset(PROTOCOLS[name] for name in ("tcp", "udp", "udplite", "sctp"))
_LONG = {
    "--sports": "--sports", "--source-ports": "--sports", "--dports": "--dports",
    "--destination-ports": "--dports", "--ports": "--ports",
}  # fmt: skip


class Multiport(Match):
    """One of several ports."""

    name = "multiport"
    options = dict.fromkeys(_LONG, 1)

    def __init__(self) -> None:
        self.side = ""
        self.ranges: list[tuple[int, int]] = []
        self.inverted = False

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        if self.side:
            raise ValueError("multiport takes one of --sports, --dports, --ports")
        self.side, self.inverted = _LONG[name], inverted
        self.ranges = [port_range(part) for part in values[0].split(",")]
        if sum(1 if low == high else 2 for low, high in self.ranges) > LIMIT:
            raise ValueError(f"too many ports specified (at most {LIMIT}; a range counts twice)")

    def check(self, setting: Setting) -> None:
        if setting.protocol not in _PROTOCOLS or setting.protocol_inverted:
            raise ValueError("multiport needs -p tcp, -p udp, -p udplite or -p sctp")
        if not self.side:
            raise ValueError("multiport expects an option: --sports, --dports or --ports")

    def save(self) -> str:
        text = ",".join(port_range_text(low, high) for low, high in self.ranges)
        return f"{negation(self.inverted)}{self.side} {text}"

    def compile(self, host: Host) -> Test:
        picks = {"--sports": (0,), "--dports": (1,), "--ports": (0, 1)}[self.side]
        ranges, inverted = tuple(self.ranges), self.inverted

        def test(state: HookState) -> bool:
            ports = ports_of(state.skb)
            if ports is None:
                return False
            found = any(low <= ports[i] <= high for i in picks for low, high in ranges)
            return found != inverted

        return test
