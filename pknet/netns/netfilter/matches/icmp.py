"""-m icmp, and icmp6 for text that is printed (Linux: net/ipv4/netfilter/ip_tables.c, icmp_match)."""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Match, Setting, Test, negation
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.numbers import number

ANY = 255
#: Name to type and code; code None: every code.
NAMES: dict[str, tuple[int, int | None]] = {
    "any": (ANY, None), "echo-reply": (0, None), "pong": (0, None),
    "destination-unreachable": (3, None), "network-unreachable": (3, 0),
    "host-unreachable": (3, 1), "protocol-unreachable": (3, 2), "port-unreachable": (3, 3),
    "fragmentation-needed": (3, 4), "source-route-failed": (3, 5), "network-unknown": (3, 6),
    "host-unknown": (3, 7), "network-prohibited": (3, 9), "host-prohibited": (3, 10),
    "communication-prohibited": (3, 13), "source-quench": (4, None), "redirect": (5, None),
    "network-redirect": (5, 0), "host-redirect": (5, 1), "echo-request": (8, None),
    "ping": (8, None), "router-advertisement": (9, None), "router-solicitation": (10, None),
    "time-exceeded": (11, None), "ttl-exceeded": (11, None),
    "ttl-zero-during-transit": (11, 0), "ttl-zero-during-reassembly": (11, 1),
    "parameter-problem": (12, None), "timestamp-request": (13, None),
    "timestamp-reply": (14, None), "address-mask-request": (17, None),
    "address-mask-reply": (18, None),
}  # fmt: skip


class IcmpMatch(Match):
    """Type and code."""

    name = "icmp"
    protocol_number = 1
    options = {"--icmp-type": 1}  # noqa: RUF012

    def __init__(self) -> None:
        self.kind, self.code, self.inverted = ANY, None, False  # type: int, int | None, bool

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        self.inverted = inverted
        if values[0] in NAMES:
            self.kind, self.code = NAMES[values[0]]
            return
        kind, slash, code = values[0].partition("/")
        try:
            self.kind = number(kind, 0, 255, "ICMP type")
        except ValueError:
            raise ValueError(f"Invalid ICMP type {values[0]!r}") from None
        self.code = number(code, 0, 255, "ICMP code") if slash else None

    def check(self, setting: Setting) -> None:
        if setting.protocol != self.protocol_number or setting.protocol_inverted:
            raise ValueError(f"-m {self.name} needs -p {self.name}")

    def save(self) -> str:
        if self.kind == ANY and self.code is None:
            text = "any"
        else:
            text = str(self.kind) if self.code is None else f"{self.kind}/{self.code}"
        return f"{negation(self.inverted)}--{self.name}-type {text}"

    def compile(self, host: Host) -> Test:
        kind, code, inverted = self.kind, self.code, self.inverted

        def test(state: HookState) -> bool:
            header = state.skb.ip
            data = state.skb.network[header.header_length :][:2]
            if header.offset or len(data) < 2:
                return False
            same = kind == ANY or (data[0] == kind and code in (None, data[1]))
            return same != inverted

        return test


class Icmp6Match(IcmpMatch):
    """The same for ICMPv6: parsed and printed."""

    name = "icmpv6"
    protocol_number = 58
    options = {"--icmpv6-type": 1}  # noqa: RUF012
