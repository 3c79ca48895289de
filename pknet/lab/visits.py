"""What a node did to a packet.

Law: a view of the trace; every visit counts, however often the packet came by.
"""

from __future__ import annotations

from pknet.trace import Hop, Step, Verdict, detailed
from pknet.trace.words import sentence


class Visits:
    """Every visit of a packet to one node, taken together."""

    def __init__(self, node: str, hops: list[Hop]) -> None:
        self.node = node
        self.hops = hops

    @property
    def steps(self) -> list[Step]:
        """What was done, in order, tables consulted among it."""
        return [step for hop in self.hops for step in hop.steps]

    @property
    def detail(self) -> str:
        """All steps, one a line, and between them the rules that did not match."""
        return "\n".join(line for _, line in detailed(self.steps))

    @property
    def rewrites(self) -> list[str]:
        """``DNAT 172.30.0.1:80 -> 10.1.2.1:8080``, each where it happened."""
        return [step.rewrite for step in self.steps if step.rewrite]

    @property
    def verdict(self) -> Verdict | None:
        """How the last of them ended."""
        return self.hops[-1].verdict

    def __repr__(self) -> str:
        ended = sentence(self.verdict) if self.verdict else "still there"
        return f"<{self.node}: {ended}>"
