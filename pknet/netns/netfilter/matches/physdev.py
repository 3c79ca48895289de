"""-m physdev: the bridge ports of a bridged packet (Linux: net/netfilter/xt_physdev.c)."""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Match, Setting, Test, negation
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.rule import name_test

_FLAGS = ("--physdev-is-in", "--physdev-is-out", "--physdev-is-bridged")
_ORDER = ("--physdev-in", "--physdev-out", *_FLAGS)


class Physdev(Match):
    """Known only where br_netfilter handed the packet over."""

    name = "physdev"
    options = {name: 0 if name in _FLAGS else 1 for name in _ORDER}  # noqa: RUF012

    def __init__(self) -> None:
        self.parts: dict[str, tuple[str, bool]] = {}

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        self.parts[name] = (values[0] if values else "", inverted)

    def check(self, setting: Setting) -> None:
        if not self.parts:
            raise ValueError("physdev: no option specified")

    def save(self) -> str:
        return " ".join(
            f"{negation(self.parts[name][1])}{name} {self.parts[name][0]}".rstrip()
            for name in _ORDER
            if name in self.parts
        )

    def compile(self, host: Host) -> Test:
        tests = [_part(name, value, no) for name, (value, no) in self.parts.items()]
        return lambda state: all(test(state) for test in tests)


def _part(name: str, value: str, inverted: bool) -> Test:
    if name == "--physdev-is-in":
        return lambda state: (state.physin is not None) != inverted
    if name == "--physdev-is-out":
        return lambda state: (state.physout is not None) != inverted
    if name == "--physdev-is-bridged":
        return lambda state: (state.physout is not None and state.physin is not None) != inverted
    same = name_test(value)

    def test(state: HookState) -> bool:
        port = state.physin if name == "--physdev-in" else state.physout
        return (port is not None and same(port.name)) != inverted

    return test
