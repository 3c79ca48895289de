"""One topology, walked by pknet and by this machine's kernel.

Law: whatever pknet makes of a case that is not what the kernel makes of it is a difference, be
it a frame, a refusal or a traceback. What the kernel itself does one way or the other is chance,
and is told apart by asking it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fuzz.case import Document, text_of
from pknet.kernel.compare import Difference, compare, frames_of
from pknet.kernel.errors import KernelError
from pknet.kernel.given import Given
from pknet.kernel.run import Recording, run
from pknet.lab.lab import Lab
from pknet.topology.fault import TopologyError
from pknet.topology.load import load_text
from pknet.topology.spec import Spec

FILE = Path("case.yaml")
TRIES = 2  # how often the kernel is asked again


@dataclass(frozen=True, slots=True)
class Judgement:
    """``kind`` is "same", "differs", "chance" (the kernel disagrees with itself), "refused" (by
    pknet's reader), "kernel refused", or "crashed" (pknet); ``told`` says more."""

    kind: str
    told: str = ""
    field: str = ""

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
        found, recording = _differences(lab)
    except KernelError as error:
        return Judgement("kernel refused", str(error))
    if not found:
        return SAME
    for _ in range(again):
        if _by_chance(spec, recording) or not _differences(lab)[0]:
            return Judgement("chance", str(found[0]))
    return Judgement("differs", "\n".join(map(str, found)), found[0].field)


def _differences(lab: Lab) -> tuple[list[Difference], Recording]:
    recording = run(lab.spec)
    given = Given.by(lab.spec)
    return compare(
        frames_of(lab.trace.taps), recording.frames, given, ("pknet", "kernel")
    ), recording


def _by_chance(spec: Spec, recording: Recording) -> bool:
    """True where the kernel does something else the next time."""
    return bool(compare(recording.frames, run(spec).frames, Given.by(spec)))
