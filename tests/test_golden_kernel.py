"""Linux 6.18 is the judge: the same frames, in the same order, on every interface."""

from __future__ import annotations

import golden_kernel
import pytest

from pknet.kernel.capture import Captured
from pknet.kernel.compare import Place, compare
from pknet.kernel.given import Given
from pknet.lab.lab import Lab
from pknet.trace import Dropped
from pknet.trace.verdict import copies
from pknet.wire.ethernet import ETH_P_IP


def frames(lab: Lab) -> dict[Place, list[Captured]]:
    """What every interface saw; the recordings have no lo."""
    seen: dict[Place, list[Captured]] = {
        (node.name, name): []
        for node in lab.nodes.values()
        for name in node.interfaces
        if name != "lo"
    }
    for tap in lab.trace.taps:
        place = (tap.hop.node, tap.interface)
        if tap.direction is not None and place in seen:
            seen[place].append(Captured(tap.time, tap.direction, tap.frame.wire))
    return seen


@pytest.mark.parametrize("scenario", golden_kernel.scenarios())
def test_the_same_frames_as_linux(scenario):
    lab = Lab.load(golden_kernel.topology(scenario))
    lab.run()
    recorded = golden_kernel.read_folder(golden_kernel.DATA / scenario)
    mine = frames(lab)
    mine = {place: seen for place, seen in mine.items() if place[1] != "lo"}  # unseen there
    theirs = {place: recorded.get(place, []) for place in mine}
    assert set(recorded) <= set(mine)
    differences = compare(mine, theirs, Given.by(lab.spec), ("pknet", "linux"))
    assert not differences, "\n".join(str(difference) for difference in differences[:3])


@pytest.mark.parametrize("scenario", golden_kernel.scenarios())
def test_the_same_drop_reasons_as_linux(scenario):
    """drops.txt has each drop twice, as the recorder saw it, and IPv4's only."""
    lab = Lab.load(golden_kernel.topology(scenario))
    lab.run()
    mine = [
        verdict.reason.linux
        for hop in lab.trace.hops
        for verdict in copies(hop.verdict)
        if isinstance(verdict, Dropped) and hop.taps
        and hop.taps[0].frame.ethernet.type == ETH_P_IP
    ]  # fmt: skip
    theirs = golden_kernel.expected_drops(scenario)
    # A segment that ends a connection is delivered here, and NOT_SPECIFIED there (kernel.md).
    known = [reason for reason in theirs if reason != "NOT_SPECIFIED"]
    assert set(known) <= set(mine)
    assert set(mine) <= set(theirs)
