"""What the trace tells of packets that go into packets, and come out again."""

from __future__ import annotations

from pknet.trace import Step


class EncapStep(Step):
    """A packet went into another one. ``entry`` is what named the far end."""

    __slots__ = ("device", "entry", "outer")

    def __init__(self, device: str, outer: str, entry: object = None) -> None:
        self.device = device
        self.outer = outer
        self.entry = entry

    @property
    def subjects(self) -> tuple[object, ...]:
        return () if self.entry is None else (self.entry,)

    def __str__(self) -> str:
        return f"ENCAP {self.device}: into {self.outer}"


class DecapStep(Step):
    """A packet was taken out of another one; it goes on as if ``device`` had received it."""

    __slots__ = ("device", "outer")

    def __init__(self, device: str, outer: str) -> None:
        self.device = device
        self.outer = outer

    def __str__(self) -> str:
        return f"DECAP {self.device}: out of {self.outer}"
