"""Play a topology on this machine's own kernel too, and tell where the captures differ.

Needs root, and Linux. Exit status: 0 the same, 1 they differ, 2 bad input or no root.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace


def arguments(parser: ArgumentParser) -> None:
    """None besides the topology."""


def run(args: Namespace) -> int:
    """The kernel first: where it cannot serve, nothing else need be done."""
    from pknet.cli.output import put_plain, warn
    from pknet.kernel.compare import compare, frames_of
    from pknet.kernel.given import Given
    from pknet.kernel.run import run as run_on_kernel
    from pknet.lab.lab import Lab

    lab = Lab.load(args.topology)
    warn(lab.spec.warnings)
    recording = run_on_kernel(lab.spec)
    lab.run()
    ours = frames_of(lab.trace.taps)
    found = compare(ours, recording.frames, Given.by(lab.spec), ("pknet", "kernel"))
    same = len(recording.frames) - len(found)
    put_plain([*map(str, found), f"{same} interfaces the same, {len(found)} differ"])
    return 1 if found else 0
