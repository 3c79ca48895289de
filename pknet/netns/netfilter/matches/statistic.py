"""-m statistic (Linux: net/netfilter/xt_statistic.c).

Law: probability is what the kernel keeps, a number of 2**31ths; each rule counts for itself.
"""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Match, Setting, Test, negation
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.numbers import number

SCALE = 0x80000000


class Statistic(Match):
    """Every so often: by chance, or each nth time."""

    name = "statistic"
    options = {"--mode": 1, "--probability": 1, "--every": 1, "--packet": 1}  # noqa: RUF012

    def __init__(self) -> None:
        self.mode = ""
        self.probability: int | None = None
        self.every: int | None = None
        self.packet: int | None = None
        self.inverted = False

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        text = values[0]
        if name == "--mode":
            if text not in ("random", "nth"):
                raise ValueError(f"Bad mode {text!r}; allowed: random, nth")
            self.mode = text
            return
        self.inverted = self.inverted or inverted
        if name == "--probability":
            self.probability = _probability(text)
        elif name == "--every":
            self.every = number(text, 1, 2**32 - 1, "--every")
        else:
            self.packet = number(text, 0, 2**32 - 1, "--packet")

    def check(self, setting: Setting) -> None:
        if self.mode == "random":
            if self.probability is None or self.every is not None:
                raise ValueError("--mode random takes --probability")
        elif self.mode == "nth":
            if self.every is None or self.packet is None or self.probability is not None:
                raise ValueError("--mode nth takes --every and --packet")
            if self.packet >= self.every:
                raise ValueError("the --packet p must be 0 <= p <= n-1")
        else:
            raise ValueError("statistic: option '--mode' must be specified")

    def save(self) -> str:
        no = negation(self.inverted)
        if self.mode == "random":
            assert self.probability is not None
            return f"--mode random {no}--probability {self.probability / SCALE:.11f}"
        return f"--mode nth {no}--every {self.every} --packet {self.packet}"

    def compile(self, host: Host) -> Test:
        if self.mode == "random":
            assert self.probability is not None
            return self._random(host, self.probability)
        assert self.every is not None
        assert self.packet is not None
        return self._nth(self.every, self.packet)

    def _random(self, host: Host, probability: int) -> Test:
        chance, inverted = host.chance, self.inverted
        return lambda state: (chance.getrandbits(31) < probability) != inverted

    def _nth(self, every: int, packet: int) -> Test:
        """The counter starts so that ``packet`` is the first to match (statistic_mt_check)."""
        inverted = self.inverted
        count = (every - packet) % every

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
        raise ValueError("a probability is from 0 to 1")
    return round(value * SCALE)
