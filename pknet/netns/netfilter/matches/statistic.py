"""-m statistic (Linux: net/netfilter/xt_statistic.c).

Law: probability is what the kernel keeps, a number of 2**31ths; each rule counts for itself.
"""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Match, Option, Test, negation
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.numbers import number

SCALE = 0x80000000
_MODES = {"random": ("--probability",), "nth": ("--every", "--packet")}


class Statistic(Match):
    """Every so often: by chance, or each nth time."""

    name = "statistic"
    options = {
        "--mode": Option(required=True),
        "--probability": Option(invertible=True, excludes=("--every", "--packet")),
        "--every": Option(invertible=True, excludes=("--probability",), needs=("--packet",)),
        "--packet": Option(excludes=("--probability",), needs=("--every",)),
    }

    def __init__(self, family: int) -> None:
        super().__init__(family)
        self.mode = ""
        self.probability = self.every = self.packet = 0
        self.inverted = False

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        text = values[0]
        self.inverted = self.inverted or inverted
        if name == "--mode":
            if text not in _MODES:
                raise ValueError(f"bad mode {text!r}; allowed: {', '.join(_MODES)}")
            self.mode = text
        elif name == "--probability":
            self.probability = _probability(text)
        elif name == "--every":
            self.every = number(text, 1, 2**32 - 1, "--every")
        else:
            self.packet = number(text, 0, 2**32 - 1, "--packet")

    def complete(self) -> None:
        super().complete()
        needed = _MODES[self.mode]
        if any(name not in self.given for name in needed):
            raise ValueError(f"statistic: --mode {self.mode} takes {' and '.join(needed)}")
        if self.mode == "nth" and self.packet >= self.every:
            raise ValueError("statistic: the --packet p must be 0 <= p <= n-1")

    def save(self) -> str:
        no = negation(self.inverted)
        if self.mode == "random":
            return f"--mode random {no}--probability {self.probability / SCALE:.11f}"
        return f"--mode nth {no}--every {self.every} --packet {self.packet}"

    def compile(self, host: Host) -> Test:
        return self._random(host) if self.mode == "random" else self._nth()

    def _random(self, host: Host) -> Test:
        draw, probability, inverted = host.chance.getrandbits, self.probability, self.inverted
        return lambda state: (draw(31) < probability) != inverted

    def _nth(self) -> Test:
        """The counter starts so that ``packet`` is the first to match (statistic_mt_check)."""
        every, inverted = self.every, self.inverted
        count = (every - self.packet) % every

        def test(state: HookState) -> bool:
            nonlocal count
            hit = count == 0
            count = (count + 1) % every
            return hit != inverted

        return test


def _probability(text: str) -> int:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no probability") from None
    if not 0 <= value <= 1:
        raise ValueError(f"{text!r} is no probability: it is from 0 to 1")
    return round(value * SCALE)
