"""MARK (Linux: net/netfilter/xt_mark.c)."""

from __future__ import annotations

from functools import lru_cache

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Act, Ending, Option, Outcome, Path, Target
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.numbers import mark_and_mask, number

_ONES = 0xFFFFFFFF
_OPTIONS = ("--set-mark", "--set-xmark", "--and-mark", "--or-mark", "--xor-mark")


class MarkTarget(Target):
    """``mark = (mark & ~mask) ^ value``."""

    name = "MARK"
    options = {
        name: Option(excludes=tuple(other for other in _OPTIONS if other != name))
        for name in _OPTIONS
    }

    def __init__(self, family: int) -> None:
        super().__init__(family)
        self.value, self.mask = 0, _ONES

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        if name in ("--set-mark", "--set-xmark"):
            self.value, self.mask = mark_and_mask(values[0])
            if name == "--set-mark":
                self.mask |= self.value
            return
        bits = number(values[0], 0, _ONES, "mark")
        self.value, self.mask = {
            "--and-mark": (0, bits ^ _ONES), "--or-mark": (bits, bits), "--xor-mark": (bits, 0)
        }[name]  # fmt: skip

    def complete(self) -> None:
        super().complete()
        if not self.given:
            raise ValueError(f"MARK: one of {', '.join(_OPTIONS)} is needed")

    def save(self) -> str:
        return f"--set-xmark {self.value:#x}/{self.mask:#x}"

    def compile(self, host: Host) -> Act:
        value, keep = self.value, self.mask ^ _ONES

        def act(state: HookState, path: Path) -> Outcome:
            skb = state.skb
            before = skb.mark
            skb.mark = before & keep ^ value
            return _outcome(before, skb.mark)

        return act


@lru_cache(maxsize=1024)
def _outcome(before: int, after: int) -> Outcome:
    return Outcome(Ending.CONTINUE, f"MARK {before:#x} -> {after:#x}")
