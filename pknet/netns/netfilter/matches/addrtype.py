"""-m addrtype (Linux: net/netfilter/xt_addrtype.c)."""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Match, Setting, Test, negation
from pknet.netns.netfilter.host import Host

_TYPES = (
    "UNSPEC", "UNICAST", "LOCAL", "BROADCAST", "ANYCAST", "MULTICAST", "BLACKHOLE",
    "UNREACHABLE", "PROHIBIT", "THROW", "NAT", "XRESOLVE",
)  # fmt: skip

Wanted = tuple[frozenset[str], bool]


class Addrtype(Match):
    """What kind of address the packet comes from, or goes to."""

    name = "addrtype"
    options = {  # noqa: RUF012
        "--src-type": 1, "--dst-type": 1, "--limit-iface-in": 0, "--limit-iface-out": 0,
    }  # fmt: skip

    def __init__(self) -> None:
        self.source: Wanted | None = None
        self.destination: Wanted | None = None
        self.limit = ""

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        if name.startswith("--limit"):
            self.once(inverted, allowed=False)
            if self.limit and self.limit != name:
                raise ValueError("--limit-iface-in and --limit-iface-out exclude each other")
            self.limit = name
            return
        wanted = frozenset(values[0].upper().split(","))
        for word in wanted - set(_TYPES):
            raise ValueError(f"bad type {word!r}; allowed: {', '.join(_TYPES)}")
        if name == "--src-type":
            self.source = (wanted, inverted)
        else:
            self.destination = (wanted, inverted)

    def check(self, setting: Setting) -> None:
        if self.source is None and self.destination is None:
            raise ValueError("addrtype: you must specify --src-type or --dst-type")
        if self.limit == "--limit-iface-in" and setting.chain in ("POSTROUTING", "OUTPUT"):
            raise ValueError("input interface limitation not valid in POSTROUTING and OUTPUT")
        if self.limit == "--limit-iface-out" and setting.chain in ("PREROUTING", "INPUT"):
            raise ValueError("output interface limitation not valid in PREROUTING and INPUT")

    def save(self) -> str:
        words = []
        for name, wanted in (("--src-type", self.source), ("--dst-type", self.destination)):
            if wanted is not None:
                types = ",".join(word for word in _TYPES if word in wanted[0])
                words.append(f"{negation(wanted[1])}{name} {types}")
        return " ".join([*words, *([self.limit] if self.limit else [])])

    def compile(self, host: Host) -> Test:
        source, destination, limit, kind = (
            self.source,
            self.destination,
            self.limit,
            (host.address_type),
        )

        def test(state: HookState) -> bool:
            device = _device(state, limit)
            header = state.skb.ip
            return (source is None or (kind(header.src, device) in source[0]) != source[1]) and (
                destination is None
                or (kind(header.dst, device) in destination[0]) != destination[1]
            )

        return test


def _device(state: HookState, limit: str) -> str:
    if not limit:
        return ""
    device = state.indev if limit == "--limit-iface-in" else state.outdev
    return device.name if device is not None else ""
