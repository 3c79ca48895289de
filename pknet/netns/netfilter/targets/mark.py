"""MARK (Linux: net/netfilter/xt_mark.c)."""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Act, Ending, Outcome, Setting, Target
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.numbers import mark_and_mask, number

_ONES = 0xFFFFFFFF


class MarkTarget(Target):
    """``mark = (mark & ~mask) ^ value``."""

    name = "MARK"
    options = dict.fromkeys(
        ("--set-mark", "--set-xmark", "--and-mark", "--or-mark", "--xor-mark"), 1
    )

    def __init__(self) -> None:
        self.value: int | None = None
        self.mask = _ONES

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        self.once(inverted, allowed=False)
        if self.value is not None:
            raise ValueError("MARK takes one option")
        if name in ("--set-mark", "--set-xmark"):
            self.value, self.mask = mark_and_mask(values[0])
            if name == "--set-mark":
                self.mask |= self.value
            return
        bits = number(values[0], 0, _ONES, "mark")
        self.value, self.mask = {
            "--and-mark": (0, bits ^ _ONES), "--or-mark": (bits, bits), "--xor-mark": (bits, 0)
        }[name]  # fmt: skip

    def check(self, setting: Setting) -> None:
        if self.value is None:
            raise ValueError("MARK: a --set-mark, --set-xmark, --and, --or or --xor-mark is needed")

    def save(self) -> str:
        return f"--set-xmark {self.value:#x}/{self.mask:#x}"

    def compile(self, host: Host) -> Act:
        assert self.value is not None
        value, keep = self.value, self.mask ^ _ONES

        def act(state: HookState, path: str) -> Outcome:
            skb = state.skb
            before = skb.mark
            skb.mark = before & keep ^ value
            return Outcome(Ending.CONTINUE, f"MARK {before:#x} -> {skb.mark:#x}")

        return act
