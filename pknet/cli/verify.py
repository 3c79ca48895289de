"""Play a topology on this machine's own kernel too, and tell where the two differ.

Needs root, and Linux. Exit status: 0 the same, 1 they differ, 2 bad input or no root.

Law: what is deterministic in the kernel must be the same here. What the kernel draws by lot
(``-m statistic --mode random``) is found again by drawing here until the lots agree.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pknet.kernel.compare import Difference
    from pknet.kernel.run import Recording
    from pknet.topology.spec import Spec

IN_ORDER = 14_480  # bytes: the initial window (RFC 6928), which is sent before any acknowledgement
SEEDS = 200  # tried before a difference is no longer put down to chance


def arguments(parser: ArgumentParser) -> None:
    """None besides the topology."""


def run(args: Namespace) -> int:
    """The kernel first: where it cannot serve, nothing else need be done."""
    from pathlib import Path

    from pknet.cli.output import put_plain, warn
    from pknet.topology.load import load

    spec = load(Path(args.topology))
    warn([*spec.warnings, *not_built(spec)])
    verification = verify(spec)
    put_plain(verification.lines())
    return 0 if verification.same else 1


@dataclass(frozen=True, slots=True)
class Verification:
    """What the comparison found. ``drops`` None: this kernel does not tell why it drops; ``told``:
    where programs were told something else."""

    spec: Spec
    interfaces: int
    frames: list[Difference]
    drops: list[str] | None
    seed: int
    told: list[str]

    @property
    def same(self) -> bool:
        """Nothing differs."""
        return not self.frames and not self.drops and not self.told

    def lines(self) -> Iterator[str]:
        """The differences, then the sum."""
        yield from map(str, self.frames)
        yield from self.drops or ()
        yield from self.told
        differ = len(self.frames)
        yield (
            f"{self.interfaces - differ} interfaces the same, {differ} differ; "
            f"drop reasons: {self._drops()}; programs: {self._programs()}"
        )
        if self.seed != self.spec.seed:
            yield f"the kernel drew what pknet draws with --seed {self.seed}"

    def _programs(self) -> str:
        return f"{len(self.told)} told otherwise" if self.told else "told the same"

    def _drops(self) -> str:
        if self.drops is None:
            return "this kernel does not tell"
        return f"{len(self.drops)} differ" if self.drops else "the same"


def verify(spec: Spec) -> Verification:
    """Play ``spec`` on the kernel and here, here with more seeds where rules draw lots.

    Raises KernelUnavailableError, KernelUnsupportedError, KernelError.
    """
    from pknet.kernel.run import run as run_on_kernel
    from pknet.kernel.streams import paced

    spec = paced(spec)
    recording = run_on_kernel(spec)
    first = _against(recording, spec, spec.seed)
    if first.same or not draws_lots(spec):
        return first
    others = (_against(recording, spec, seed) for seed in range(SEEDS) if seed != spec.seed)
    return next((other for other in others if other.same), first)


def draws_lots(spec: Spec) -> bool:
    """Whether any rule matches at random."""
    return any("--mode random" in node.iptables for node in spec.nodes)


def not_built(spec: Spec) -> list[str]:
    """What a topology says that the kernel is not told."""
    from pknet.kernel.streams import PACE, paced
    from pknet.link.cable import DELAY
    from pknet.topology.item import Tcp

    said = []
    if any(link.delay != DELAY for link in spec.links if link.type == "cable"):
        said.append("cables have no delay in the kernel: where paths of unequal length meet, "
                    "order differs")  # fmt: skip
    if paced(spec) != spec:
        said.append(f"both sides send at most {PACE} packets a second: what runs faster in real "
                    "programs has no order")  # fmt: skip
    if any(isinstance(item, Tcp) and len(item.payload) > IN_ORDER for item in spec.traffic):
        said.append("in a large transfer acknowledgements run against data: their order is the "
                    "processor's")  # fmt: skip
    return said


def _against(recording: Recording, spec: Spec, seed: int) -> Verification:
    from pknet.kernel import outcomes, reasons
    from pknet.kernel.compare import compare, frames_of
    from pknet.kernel.given import Given
    from pknet.lab.lab import Lab

    lab = Lab(replace(spec, seed=seed))
    results = lab.run()
    ours = frames_of(lab.trace.taps)
    frames = compare(ours, recording.frames, Given.by(spec), ("pknet", "kernel"))
    told = recording.drops
    drops = None if told is None else reasons.differences(lab.trace.hops, told)
    by_place = {result.item.place: result.told for result in results}
    here = [by_place[item.place] for item in spec.traffic]
    words = outcomes.differences([item.name for item in spec.traffic], here, recording.results)
    return Verification(spec, len(recording.frames), frames, drops, seed, words)
