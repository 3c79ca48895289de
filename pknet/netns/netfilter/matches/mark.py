"""-m mark (Linux: net/netfilter/xt_mark.c)."""

from __future__ import annotations

from pknet.netns.netfilter.extension import Match, Setting, Test, negation
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.numbers import mark_and_mask


class MarkMatch(Match):
    """Some bits of the packet's mark."""

    name = "mark"
    options = {"--mark": 1}  # noqa: RUF012

    def __init__(self) -> None:
        self.wanted: tuple[int, int] | None = None
        self.inverted = False

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        self.wanted, self.inverted = mark_and_mask(values[0]), inverted

    def check(self, setting: Setting) -> None:
        if self.wanted is None:
            raise ValueError("mark: option '--mark' must be specified")

    def save(self) -> str:
        assert self.wanted is not None
        value, mask = self.wanted
        text = f"{value:#x}" if mask == 0xFFFFFFFF else f"{value:#x}/{mask:#x}"
        return f"{negation(self.inverted)}--mark {text}"

    def compile(self, host: Host) -> Test:
        assert self.wanted is not None
        (value, mask), inverted = self.wanted, self.inverted
        if inverted:
            return lambda state: state.skb.mark & mask != value
        return lambda state: state.skb.mark & mask == value
