"""-m addrtype (Linux: net/netfilter/xt_addrtype.c)."""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Match, Option, Setting, Test, negation
from pknet.netns.netfilter.faults import near
from pknet.netns.netfilter.host import Host

_TYPES = (
    "UNSPEC", "UNICAST", "LOCAL", "BROADCAST", "ANYCAST", "MULTICAST", "BLACKHOLE",
    "UNREACHABLE", "PROHIBIT", "THROW", "NAT", "XRESOLVE",
)  # fmt: skip
_IN, _OUT = "--limit-iface-in", "--limit-iface-out"

Wanted = tuple[frozenset[str], bool]


class Addrtype(Match):
    """What kind of address the packet comes from, or goes to."""

    name = "addrtype"
    options = {
        "--src-type": Option(invertible=True),
        "--dst-type": Option(invertible=True),
        _IN: Option(words=0, excludes=(_OUT,)),
        _OUT: Option(words=0, excludes=(_IN,)),
    }

    def __init__(self, family: int) -> None:
        super().__init__(family)
        self.source: Wanted | None = None
        self.destination: Wanted | None = None
        self.limit = ""

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        if name in (_IN, _OUT):
            self.limit = name
            return
        wanted = (_types(values[0]), inverted)
        if name == "--src-type":
            self.source = wanted
        else:
            self.destination = wanted

    def complete(self) -> None:
        super().complete()
        if self.source is None and self.destination is None:
            raise ValueError("addrtype: you must specify --src-type or --dst-type")

    def check(self, setting: Setting) -> None:
        """Linux: addrtype_mt_checkentry_v1; nf_tables asks it for built-in chains alone."""
        if self.limit == _IN and setting.chain in ("POSTROUTING", "OUTPUT"):
            raise ValueError("input interface limitation not valid in POSTROUTING and OUTPUT")
        if self.limit == _OUT and setting.chain in ("PREROUTING", "INPUT"):
            raise ValueError("output interface limitation not valid in PREROUTING and INPUT")

    def save(self) -> str:
        words = []
        for name, wanted in (("--src-type", self.source), ("--dst-type", self.destination)):
            if wanted is not None:
                types = ",".join(word for word in _TYPES if word in wanted[0])
                words.append(f"{negation(wanted[1])}{name} {types}")
        return " ".join([*words, *([self.limit] if self.limit else [])])

    def compile(self, host: Host) -> Test:
        source, destination, limit = self.source, self.destination, self.limit
        kind = host.address_type

        def test(state: HookState) -> bool:
            device = _device(state, limit)
            header = state.skb.ip
            return (source is None or (kind(header.src, device) in source[0]) != source[1]) and (
                destination is None
                or (kind(header.dst, device) in destination[0]) != destination[1]
            )

        return test


def _types(text: str) -> frozenset[str]:
    wanted = text.upper().split(",")
    for word in wanted:
        if word not in _TYPES:
            raise ValueError(f"bad type {word!r}{near(word, _TYPES)}; allowed: {', '.join(_TYPES)}")
    return frozenset(wanted)


def _device(state: HookState, limit: str) -> str:
    if not limit:
        return ""
    device = state.indev if limit == _IN else state.outdev
    return device.name if device is not None else ""
