"""-m physdev: the bridge ports of a bridged packet (Linux: net/netfilter/xt_physdev.c)."""

from __future__ import annotations

from operator import attrgetter

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Match, Option, Setting, Test, negation, options
from pknet.netns.netfilter.header import DeviceName
from pknet.netns.netfilter.host import Host

_BRIDGED = "--physdev-is-bridged"
_OUT = frozenset({"--physdev-out", "--physdev-is-out"})
_NAMES = ("--physdev-in", "--physdev-out")
#: As iptables-save prints them.
_ORDER = ("--physdev-is-in", "--physdev-in", "--physdev-is-out", "--physdev-out", _BRIDGED)


class Physdev(Match):
    """Known only where br_netfilter handed the packet over."""

    name = "physdev"
    options = {
        **options(_ORDER, Option(words=0, invertible=True)),
        **options(_NAMES, Option(invertible=True)),
    }

    def __init__(self, family: int) -> None:
        super().__init__(family)
        self.parts: dict[str, tuple[str, bool]] = {}

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        text = DeviceName.read(values[0], inverted).text if values else ""
        self.parts[name] = (text, inverted)

    def complete(self) -> None:
        super().complete()
        if not self.parts:
            raise ValueError("physdev: no physdev option specified")

    def check(self, setting: Setting) -> None:
        """Linux: physdev_mt_check; nf_tables asks it for built-in chains alone."""
        bridged = self.parts.get(_BRIDGED, ("", True)) == ("", False)
        if not bridged and not _OUT.isdisjoint(self.parts) and setting.chain == "OUTPUT":
            raise ValueError(
                "--physdev-out and --physdev-is-out are for bridged traffic: "
                f"not in OUTPUT without {_BRIDGED}"
            )

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
    read = attrgetter("physin" if name.endswith("in") else "physout")
    if not value:
        return lambda state: (read(state) is not None) != inverted
    same = DeviceName(value).same()

    def test(state: HookState) -> bool:
        port = read(state)
        return (port is not None and same(port.name)) != inverted

    return test
