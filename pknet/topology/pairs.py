"""Every pair that a matrix asks about, and what is expected of it.

Law: a pair hangs on the file alone. Whoever it asks, and in how many processes, makes no
difference to what is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pknet.topology.fault import Fault, TopologyError, listed, near, shown
from pknet.topology.matrix_spec import MatrixSpec, Target
from pknet.topology.place import Place
from pknet.topology.services import services
from pknet.topology.spec import Spec

MAX_PAIRS = 1_000_000


@dataclass(frozen=True, slots=True)
class Pair:
    """A host, and what it is to reach, or not."""

    source: str
    target: Target
    expected: bool


@dataclass(frozen=True, slots=True)
class Pairs:
    """``asked`` holds, row by row of targets, a pair for each source but the target's own."""

    sources: tuple[str, ...]
    targets: tuple[Target, ...]
    asked: tuple[Pair, ...]


def pairs(spec: Spec) -> Pairs:
    """Those of ``spec``. Raises TopologyError where there are none, too many, or wrong names."""
    asked = spec.matrix or MatrixSpec(Place(str(spec.file), 1, 1))
    hosts = [name for name, _ in spec.hosts]
    sources = tuple(hosts) if asked.sources is None else asked.sources
    targets = tuple(_all(spec)) if asked.targets is None else asked.targets
    faults = [*_unknown(asked, hosts, targets), *_size(asked, sources, targets)]
    if faults:
        raise TopologyError(faults)
    never = {(entry.source, entry.target) for entry in asked.unreached}
    found = (
        Pair(source, target, never.isdisjoint(_ways(source, target.name)))
        for target in targets
        for source in sources
        if source != target.owner
    )
    return Pairs(sources, targets, tuple(found))


def _ways(source: str, target: str) -> Iterable[tuple[str | None, str | None]]:
    """How an exception may speak of a pair."""
    return (source, target), (source, None), (None, target)


def _all(spec: Spec) -> Iterable[Target]:
    """Every listener of every host, then every Service."""
    addresses = dict(spec.hosts)
    for node in spec.nodes:
        for listener in node.listen if node.name in addresses else ():
            name = f"{node.name}:{listener.port}/{listener.protocol}"
            yield Target(name, listener.protocol, addresses[node.name], listener.port, node.name)
    yield from services(spec.nodes)


def _size(
    asked: MatrixSpec, sources: tuple[str, ...], targets: tuple[Target, ...]
) -> Iterable[Fault]:
    if not sources or not targets:
        text = (
            "no host has an address" if not sources else "no host listens, no rules name Services"
        )
        yield Fault(asked.place, "matrix", f"there is nothing to ask: {text}; name some")
    elif len(sources) * len(targets) > MAX_PAIRS:
        text = f"{len(sources) * len(targets)} pairs; allowed: at most {MAX_PAIRS}"
        yield Fault(asked.place, "matrix", f"{text}: name fewer")


def _unknown(asked: MatrixSpec, hosts: list[str], targets: tuple[Target, ...]) -> Iterable[Fault]:
    names = [target.name for target in targets]
    for name in asked.sources or ():
        if name not in hosts:
            yield _no(asked.place, "matrix.from", "host", name, hosts)
    for entry in asked.unreached:
        if entry.source is not None and entry.source not in hosts:
            yield _no(entry.place, "matrix.unreached", "host", entry.source, hosts)
        if entry.target is not None and entry.target not in names:
            yield _no(entry.place, "matrix.unreached", "target", entry.target, names)


def _no(place: Place, path: str, kind: str, name: str, known: list[str]) -> Fault:
    return Fault(
        place,
        path,
        f"there is no {kind} {shown(name)}{near(name, known)}; {kind}s: {listed(known)}",
    )
