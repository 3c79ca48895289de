"""What the fuzzer once found, and IP options: topologies, with what Linux 6.18 put on the wire.

tests/data/found/<name>/topology.yaml        the smallest network that showed it, and what it is
tests/data/options/<name>/topology.yaml      what becomes of some options
                          <node>-<interface>.pcap   the kernel's frames, lo's too; no file: none
"""

from __future__ import annotations

from pathlib import Path

import pytest
from kernel_backend import RACES, needs_kernel, played_by_the_kernel

from pknet.kernel import reasons
from pknet.kernel.compare import Difference, Frames, compare, frames_of, read_folder
from pknet.kernel.given import Given
from pknet.lab.lab import Lab

DATA = Path(__file__).parent / "data"
FOUND = sorted(
    path.parent for kind in ("found", "options") for path in DATA.glob(f"{kind}/*/*.yaml")
)


def differences(lab: Lab, kernel: Frames) -> list[Difference]:
    """Between pknet's run and the kernel's."""
    return compare(frames_of(lab.trace.taps), kernel, Given.by(lab.spec), ("pknet", "kernel"))


def played(folder: Path) -> Lab:
    lab = Lab.load(folder / "topology.yaml")
    lab.run()
    return lab


@pytest.mark.parametrize("folder", FOUND, ids=lambda folder: folder.name)
def test_what_was_found_stays_mended(folder: Path) -> None:
    lab = played(folder)
    # Without a file an interface saw nothing; lo is no exception here.
    empty = {place: [] for place in frames_of(lab.trace.taps)}
    found = differences(lab, {**empty, **read_folder(folder)})
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("folder", FOUND, ids=lambda folder: folder.name)
@needs_kernel[0]
@needs_kernel[1]
def test_this_machine_s_kernel_does_the_same(folder: Path) -> None:
    lab = played(folder)
    recording = played_by_the_kernel(
        lab.spec, folder.name, lambda each: not differences(lab, each.frames)
    )
    found = differences(lab, recording.frames)
    assert not found, "\n".join(map(str, found))
    assert recording.drops is None or not reasons.differences(lab.trace.hops, recording.drops)


def test_what_is_called_a_race_is_a_scene() -> None:
    scenes = {folder.name for folder in FOUND} | {
        path.stem for path in (Path(__file__).parent / "data/drops").glob("*.yaml")
    }
    assert RACES.keys() <= scenes
