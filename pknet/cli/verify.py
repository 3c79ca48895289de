"""Play a topology on this machine's own kernel too, and tell where the captures differ.

Needs root, and Linux. Exit status: 0 the same, 1 they differ, 2 bad input or no root.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pknet.kernel.compare import Frames
    from pknet.lab.lab import Lab


def arguments(parser: ArgumentParser) -> None:
    """None besides the topology."""


def run(args: Namespace) -> int:
    """The kernel first: where it cannot serve, nothing else need be done."""
    from pknet.cli.output import put_plain, warn
    from pknet.kernel.compare import compare
    from pknet.kernel.given import Given
    from pknet.kernel.run import run as run_on_kernel
    from pknet.lab.lab import Lab

    lab = Lab.load(args.topology)
    warn(lab.spec.warnings)
    recording = run_on_kernel(lab.spec)
    lab.run()
    found = compare(frames_of(lab), recording.frames, Given.by(lab.spec), ("pknet", "kernel"))
    same = len(recording.frames) - len(found)
    put_plain([*map(str, found), f"{same} interfaces the same, {len(found)} differ"])
    return 1 if found else 0


def frames_of(lab: Lab) -> Frames:
    """What pknet's interfaces saw, as the kernel's recording has it."""
    from pknet.kernel.capture import Captured

    frames: dict[tuple[str, str], list[Captured]] = {}
    for tap in lab.trace.taps:
        if tap.direction is not None:
            seen = frames.setdefault((tap.hop.node, tap.interface), [])
            seen.append(Captured(tap.time, tap.direction, tap.frame.wire))
    return frames
