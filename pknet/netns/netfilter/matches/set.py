"""-m set: membership in an ipset (Linux: net/netfilter/xt_set.c)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pknet.link.skb import Skb
from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Match, Option, Setting, Test, negation
from pknet.netns.netfilter.faults import near
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.protocols import ICMP, SCTP, TCP, UDP, UDPLITE

DIMENSIONS = 6  # Linux: IPSET_DIM_MAX
#: What must be there of a transport header, in bytes.
_HEADERS = {TCP: 20, UDP: 8, UDPLITE: 8, SCTP: 12, ICMP: 8}


class SetMatch(Match):
    """``--match-set NAME src,dst``: which side of the packet each dimension looks at."""

    name = "set"
    options = {"--match-set": Option(words=2, invertible=True, required=True)}

    def __init__(self, family: int) -> None:
        super().__init__(family)
        self.set_name = ""
        self.sides: list[str] = []
        self.inverted = False

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        self.set_name, self.inverted = values[0], inverted
        self.sides = values[1].split(",")
        if any(side not in ("src", "dst") for side in self.sides) or len(self.sides) > DIMENSIONS:
            raise ValueError(f"{values[1]!r}: src or dst is needed for each dimension of the set")

    def check(self, setting: Setting) -> None:
        if self.set_name not in setting.sets:
            hint = near(self.set_name, setting.sets)
            raise ValueError(f"the set {self.set_name!r} doesn't exist{hint}")

    def save(self) -> str:
        return f"{negation(self.inverted)}--match-set {self.set_name} {','.join(self.sides)}"

    def compile(self, host: Host) -> Test:
        """Of another family, or with too few sides, a set holds nothing (Linux: ip_set_test)."""
        wanted, inverted = host.sets[self.set_name], self.inverted
        if wanted.family != self.family or len(self.sides) < len(wanted.dimensions):
            return lambda state: inverted
        readers = [
            _READERS[side][kind] for kind, side in zip(wanted.dimensions, self.sides, strict=False)
        ]

        def test(state: HookState) -> bool:
            values = []
            for read in readers:
                value = read(state.skb)
                if value is None:
                    return inverted
                values.append(value)
            return wanted.holds(tuple(values)) != inverted

        return test


Reader = Callable[[Skb], int | None]


def _port(skb: Skb, at: int) -> int | None:
    """Protocol, and the port that is ``at`` bytes into the transport header.

    Of ICMP, type and code; else port 0 (Linux: ip_set_get_ip4_port). None: a later fragment, or
    a header cut short.
    """
    header = skb.ip
    size = _HEADERS.get(header.protocol)
    if size is None:
        return header.protocol << 16
    data = skb.network[header.header_length :][:size]
    if header.offset or len(data) < size:
        return None
    at = 0 if header.protocol == ICMP else at
    return header.protocol << 16 | data[at] << 8 | data[at + 1]


def _bare_port(skb: Skb, at: int) -> int | None:
    """The port alone, of TCP and UDP (Linux: ip_set_get_ip_port)."""
    value = _port(skb, at) if skb.ip.protocol in (TCP, UDP) else None
    return None if value is None else value & 0xFFFF


#: By side and kind of dimension.
_READERS: dict[str, dict[str, Reader]] = {
    "src": {
        "ip": lambda skb: skb.ip.src,
        "net": lambda skb: skb.ip.src,
        "port": partial(_port, at=0),
        "bare port": partial(_bare_port, at=0),
    },
    "dst": {
        "ip": lambda skb: skb.ip.dst,
        "net": lambda skb: skb.ip.dst,
        "port": partial(_port, at=2),
        "bare port": partial(_bare_port, at=2),
    },
}
