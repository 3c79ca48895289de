"""-m mark (Linux: net/netfilter/xt_mark.c)."""

from __future__ import annotations

from pknet.netns.netfilter.extension import Match, Option, Test, negation
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.numbers import mark_and_mask


class MarkMatch(Match):
    """Some bits of the packet's mark."""

    name = "mark"
    options = {"--mark": Option(invertible=True, required=True)}

    def __init__(self, family: int) -> None:
        super().__init__(family)
        self.value = self.mask = 0
        self.inverted = False

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        (self.value, self.mask), self.inverted = mark_and_mask(values[0]), inverted

    def save(self) -> str:
        mask = "" if self.mask == 0xFFFFFFFF else f"/{self.mask:#x}"
        return f"{negation(self.inverted)}--mark {self.value:#x}{mask}"

    def compile(self, host: Host) -> Test:
        value, mask = self.value, self.mask
        if self.inverted:
            return lambda state: state.skb.mark & mask != value
        return lambda state: state.skb.mark & mask == value
