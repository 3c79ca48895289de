"""Whether a host reaches a target: an ordinary traffic item for each pair, and what came of it.

Law: pairs are asked one after the other in one network, and each is forgotten before the next
begins, so that it takes as much memory as the largest of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pknet.lab.lab import Lab
from pknet.lab.player import Player
from pknet.sim.clock import EVENT_LIMIT
from pknet.topology.item import Expect, Ping, Tcp, Traffic, Udp
from pknet.topology.matrix_spec import Target
from pknet.topology.pairs import Pair
from pknet.topology.place import Place
from pknet.topology.spec import Spec
from pknet.trace import Dropped, Trace, copies
from pknet.trace.words import sentence
from pknet.wire.ethernet import ETH_P_IP

_PLACE = Place("matrix", 1, 1)


@dataclass(frozen=True, slots=True)
class Reached:
    """What came of a pair; ``dropped`` says where the first packet died that did, and why."""

    pair: Pair
    reached: bool
    outcome: str
    dropped: str | None

    @property
    def as_expected(self) -> bool:
        """Reached where it is to be, and not where it is not."""
        return self.reached == self.pair.expected


def probe(spec: Spec, seed: int, pairs: Sequence[Pair]) -> list[Reached]:
    """Ask ``pairs`` in one network of ``spec``; a function of its arguments alone."""
    lab = Lab(replace(spec, traffic=()), seed)
    return [_ask(lab, pair) for pair in pairs]


def _ask(lab: Lab, pair: Pair) -> Reached:
    lab.clock.limit = lab.clock.events + EVENT_LIMIT  # each is a run of its own
    lab.spec = replace(lab.spec, traffic=(item_of(pair),))
    (result,) = Player(lab).run()
    reached = result.failure is None
    # Nothing is said on the connection, so the item ends by waiting for a reply in vain.
    outcome = "connected" if reached and pair.target.protocol == "tcp" else result.summary
    dropped = None if reached else next(_drops(lab.trace), None)
    lab.trace.forget()
    return Reached(pair, reached, outcome, dropped)


def item_of(pair: Pair) -> Traffic:
    """What asks: a connection, a datagram and its answer, or a ping."""
    target, name = pair.target, f"{pair.source} -> {pair.target.name}"
    match target.protocol:
        case "tcp":
            return _tcp(pair.source, name, target)
        case "udp":
            return Udp(_PLACE, pair.source, name, Expect(answered=1),
                       destination=target.address, port=target.port)  # fmt: skip
    return Ping(_PLACE, pair.source, name, Expect(reply="echo-reply"), destination=target.address)


def _tcp(source: str, name: str, target: Target) -> Tcp:
    """Connected is enough: what is said then is no matter of the network."""
    return Tcp(_PLACE, source, name, Expect(connected=True),
               destination=target.address, port=target.port)  # fmt: skip


def _drops(trace: Trace) -> Iterator[str]:
    """``node-b: DROPPED NETFILTER_DROP: ...`` for each IPv4 packet that died, in order."""
    for tap in trace.taps:
        hop = tap.hop
        if tap is hop.taps[-1] and tap.frame.ethernet.type == ETH_P_IP:
            for verdict in copies(hop.verdict):
                if isinstance(verdict, Dropped):
                    yield f"{hop.node}: {sentence(verdict)}"
