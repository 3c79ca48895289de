"""One topology, walked by pknet and by this machine's kernel.

Law: whatever pknet makes of a case that is not what the kernel makes of it is a difference, be
it a frame, a drop reason, a refusal or a traceback. What the kernel itself does one way or the
other is chance, and is told apart by asking it again.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from fuzz.case import Document, text_of
from pknet.kernel import outcomes, reasons
from pknet.kernel.compare import compare, frames_of
from pknet.kernel.errors import KernelError
from pknet.kernel.given import Given
from pknet.kernel.run import Recording, run
from pknet.lab.lab import Lab
from pknet.topology.fault import TopologyError
from pknet.topology.load import load_text
from pknet.topology.spec import Spec

FILE = Path("case.yaml")
IP_TABLES = "iptables-legacy-restore"
TRIES = 2  # how often the kernel is asked again


@dataclass(frozen=True, slots=True)
class Judgement:
    """``kind`` is "same", "differs", "chance" (the kernel disagrees with itself), "refused" (by
    pknet's reader), "kernel refused", or "crashed" (pknet); ``told`` says more."""

    kind: str
    told: str = ""
    field: str = ""
    #: The kernel does as pknet does where its rules are ip_tables' and not nf_tables'.
    by_nf_tables: bool = False

    @property
    def sort(self) -> tuple[str, str]:
        """What a smaller case must have in common with a larger one."""
        return self.kind, self.field

    @property
    def fine(self) -> bool:
        """Nothing to be held against pknet."""
        return self.kind in ("same", "chance")


SAME = Judgement("same")


def judge(document: Document, again: int = TRIES) -> Judgement:
    """Walk it twice, and compare. The kernel is asked ``again`` times where they differ."""
    try:
        spec = load_text(text_of(document), FILE)
    except TopologyError as error:
        return Judgement("refused", str(error))
    lab = Lab(spec)
    try:
        lab.run()
    except Exception as error:
        return Judgement("crashed", f"{type(error).__name__}: {error}")
    try:
        recording = run(spec)
    except KernelError as error:
        return Judgement("kernel refused", str(error))
    found = _differences(lab, recording)
    if not found:
        return SAME
    for _ in range(again):
        other = run(spec)
        if _disagree(spec, recording, other) or not _differences(lab, other):
            return Judgement("chance", found[0].text)
    told = "\n".join(each.text for each in found)
    return Judgement("differs", told, found[0].field, _by_nf_tables(lab))


class _Found(NamedTuple):
    """One difference: in which field of a frame, or in which drop reason; in words."""

    field: str
    text: str


def _differences(lab: Lab, recording: Recording) -> list[_Found]:
    """Of the frames, and of the reasons why packets died."""
    frames = compare(
        frames_of(lab.trace.taps), recording.frames, Given.by(lab.spec), ("pknet", "kernel")
    )
    told = recording.drops
    deaths = [] if told is None else reasons.differences(lab.trace.hops, told)
    by_place = {result.item.place: result.told for result in lab.results}
    items = lab.spec.traffic
    words = outcomes.differences(
        [item.name for item in items], [by_place[item.place] for item in items], recording.results
    )
    return [
        *(_Found(each.field, str(each)) for each in frames),
        *(_Found(each.split(": ")[1], each) for each in deaths),
        *(_Found("told", each) for each in words),
    ]


def _by_nf_tables(lab: Lab) -> bool:
    """Whether the difference goes when the kernel walks the same rules in ip_tables."""
    if not any(node.iptables for node in lab.spec.nodes) or shutil.which(IP_TABLES) is None:
        return False
    return not _differences(lab, run(lab.spec, IP_TABLES))


def _disagree(spec: Spec, one: Recording, other: Recording) -> bool:
    """True where the kernel does something else the next time."""
    deaths = [
        None if drops is None else Counter((drop.node, drop.reason) for drop in drops)
        for drops in (one.drops, other.drops)
    ]
    return (
        deaths[0] != deaths[1]
        or one.results != other.results
        or bool(compare(one.frames, other.frames, Given.by(spec)))
    )
