"""-m set: membership in an ipset (Linux: net/netfilter/xt_set.c)."""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Match, Setting, Test, negation
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.matches.ports import ports_of


class SetMatch(Match):
    """``--match-set NAME src,dst``: which side of the packet each dimension looks at."""

    name = "set"
    options = {"--match-set": 2}  # noqa: RUF012

    def __init__(self) -> None:
        self.set_name = ""
        self.sides: list[str] = []
        self.inverted = False

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        self.set_name, self.inverted = values[0], inverted
        self.sides = values[1].split(",")
        if any(side not in ("src", "dst") for side in self.sides):
            raise ValueError("--match-set takes a set and src or dst for each dimension")

    def check(self, setting: Setting) -> None:
        if not self.set_name:
            raise ValueError("set: you must specify --match-set")
        if self.set_name not in setting.sets:
            raise ValueError(f"Set {self.set_name} doesn't exist.")

    def save(self) -> str:
        return f"{negation(self.inverted)}--match-set {self.set_name} {','.join(self.sides)}"

    def compile(self, host: Host) -> Test:
        wanted, inverted = host.sets[self.set_name], self.inverted
        shape = tuple(zip(wanted.dimensions, self.sides, strict=False))

        def test(state: HookState) -> bool:
            values = tuple(_value(state, kind, side) for kind, side in shape)
            known = [value for value in values if value is not None]
            found = len(known) == len(wanted.dimensions) and wanted.holds(tuple(known))
            return found != inverted

        return test


def _value(state: HookState, kind: str, side: str) -> tuple[int, int] | None:
    header = state.skb.ip
    if kind == "net":
        return (header.src if side == "src" else header.dst), 0
    ports = ports_of(state.skb)
    return None if ports is None else (header.protocol, ports[0 if side == "src" else 1])
