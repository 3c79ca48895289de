"""One packet that was sent, and where it went.

Law: a view of the trace. A flow is the packet's own id, through floods, NAT, fragments and
tunnels; what came of it later has other ids, and is called no more than "later".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property

from pknet.lab.finding import Finding
from pknet.lab.seen import Port, Seen
from pknet.lab.visits import Visits
from pknet.topology.fault import near
from pknet.trace import Delivered, Dropped, DropReason, Held, Hop, Tap, Trace, Verdict, copies
from pknet.trace.hop import Direction
from pknet.trace.words import sentence
from pknet.wire.ethernet import ETH_P_ARP

__all__ = ["Flow", "Port", "Seen", "Visits"]


class Flow:
    """Packet number ``packet`` of ``trace``, sent after tap number ``first``.

    ``last`` ends what is looked at (a number of taps); by default all that has happened so far.
    """

    def __init__(
        self, trace: Trace, packet: int, first: int, last: int | None = None,
        nodes: Collection[str] = (),
    ) -> None:  # fmt: skip
        self.trace = trace
        self.packet_id = packet
        self._first = first
        self._nodes = nodes
        self._following = trace.taps[first:last]
        self.taps: list[Tap] = [tap for tap in self._following if tap.hop.packet == packet]

    @cached_property
    def hops(self) -> list[Hop]:
        """Its visits, in order."""
        return [hop for hop in self.trace.hops if hop.packet == self.packet_id]

    @property
    def told(self) -> list[Tap]:
        """Its own, and of one that still waits also what followed: the answer that did not come."""
        return self._following if isinstance(self.verdict, Held) else self.taps

    # --- where did it go?

    def delivered_to(self, node: str) -> Finding:
        """Whether ``node`` took it in. Raises KeyError, naming the nodes, where it is none."""
        self._known(node)
        for hop in self.hops:
            if hop.node == node and any(isinstance(v, Delivered) for v in copies(hop.verdict)):
                return Finding(True, f"delivered to {node}", self.taps)
        return Finding(False, f"not delivered to {node}; {self._outcome()}", self.told)

    def dropped_at(self, node: str, reason: str | DropReason | None = None) -> Finding:
        """Whether it died at ``node``; of ``reason``, where one is given by its Linux name."""
        self._known(node)
        if isinstance(reason, str) and reason not in DropReason.__members__:
            raise KeyError(f"{reason!r} is no drop reason{near(reason, DropReason.__members__)}")
        wanted = DropReason[reason] if isinstance(reason, str) else reason
        for where, verdict in self._ends():
            if where == node and isinstance(verdict, Dropped) and wanted in (None, verdict.reason):
                return Finding(True, f"dropped at {node}: {verdict.reason.name}", self.taps)
        what = f" ({wanted.name})" if wanted else ""
        return Finding(False, f"not dropped at {node}{what}; {self._outcome()}", self.told)

    def _known(self, node: str) -> None:
        if self._nodes and node not in self._nodes:
            raise KeyError(f"no node {node!r}: there are {', '.join(self._nodes)}")

    @property
    def path(self) -> list[str]:
        """Every interface that saw it, in order: ``["a1:eth0", "node-a:vA1", …]``."""
        return [f"{tap.hop.node}:{tap.interface}" for tap in self.taps if tap.direction]

    @property
    def verdict(self) -> Verdict | None:
        """How it ended: delivered, if any copy was; else dropped; else its last visit's."""
        ends = [verdict for _, verdict in self._ends()]
        for kind in (Delivered, Dropped):
            for verdict in ends:
                if isinstance(verdict, kind):
                    return verdict
        return ends[-1] if ends else None

    def _ends(self) -> Iterator[tuple[str, Verdict]]:
        """Every node and how a copy ended there."""
        return ((hop.node, verdict) for hop in self.hops for verdict in copies(hop.verdict))

    def _outcome(self) -> str:
        """Where it was delivered, or else where and why it died."""
        ends = list(self._ends())
        for kind in (Delivered, Dropped):
            told = [f"{node}: {sentence(v)}" for node, v in ends if isinstance(v, kind)]
            if told:
                return "; ".join(told)
        return f"{ends[-1][0]}: {sentence(ends[-1][1])}" if ends else "it went nowhere"

    # --- how did it look there?

    def at(self, place: str, direction: Direction | None = None) -> Seen:
        """The first time that ``node:interface`` saw it; ``direction`` ``in`` or ``out``.

        Raises AssertionError, naming the interfaces that did see it.
        """
        every = self.all_at(place, direction)
        if not every:
            way = f" {direction}" if direction else ""
            raise AssertionError(
                f"{place} never saw packet #{self.packet_id}{way}; seen at: "
                f"{', '.join(dict.fromkeys(self.path)) or 'no interface'}; {self._outcome()}"
            )
        return every[0]

    def all_at(self, place: str, direction: Direction | None = None) -> list[Seen]:
        """Every time that ``node:interface`` saw it: fragments, and both ways of a hairpin."""
        return [
            Seen(tap, self.taps)
            for tap in self.taps
            if f"{tap.hop.node}:{tap.interface}" == place
            and tap.direction is not None
            and direction in (None, tap.direction)
        ]

    def hop(self, node: str) -> Visits:
        """Its visits to ``node``. Raises AssertionError where it never came there."""
        hops = [hop for hop in self.hops if hop.node == node]
        if not hops:
            been = ", ".join(dict.fromkeys(hop.node for hop in self.hops))
            raise AssertionError(f"packet #{self.packet_id} never came to {node}, only to: {been}")
        return Visits(node, hops)

    @property
    def rewrites(self) -> list[str]:
        """``["node-a: DNAT 172.30.0.1:80 -> 10.1.2.1:8080"]``: who changed its addresses, how."""
        return [
            f"{hop.node}: {step.rewrite}"
            for hop in self.hops
            for step in hop.steps
            if step.rewrite is not None
        ]

    # --- what came after?

    @cached_property
    def later(self) -> list[Flow]:
        """Every packet first seen after this one, ARP too, whether or not because of it."""
        before = self.trace.taps[: self._first]
        known = {tap.hop.packet for tap in before} | {self.packet_id}
        packets = dict.fromkeys(tap.hop.packet for tap in self._following)
        last = self._first + len(self._following)
        return [
            Flow(self.trace, packet, self._first, last, self._nodes)
            for packet in packets
            if packet not in known
        ]

    @property
    def replies(self) -> list[Flow]:
        """Of the later ones, those that began elsewhere and reached the sender; no ARP."""
        sender = self.hops[0].node if self.hops else ""
        return [
            flow
            for flow in self.later
            if flow.taps
            and flow.hops[0].node != sender
            and flow.taps[0].frame.type != ETH_P_ARP
            and any(hop.node == sender for hop in flow.hops)
        ]

    def __repr__(self) -> str:
        return f"<packet #{self.packet_id}; {self._outcome()}>"

    def __str__(self) -> str:
        return f"#{self.packet_id} {' > '.join(self.path)}; {self._outcome()}"
