"""Tell every fault of a topology, as file:line:col, without running it.

Exit status: 0 no fault, 2 faults.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace


def arguments(parser: ArgumentParser) -> None:
    """None besides the topology."""


def run(args: Namespace) -> int:
    """Faults are raised, all together, by what reads and builds."""
    from pknet.cli.output import put_plain, warn
    from pknet.lab.lab import Lab

    spec = Lab.load(args.topology).spec
    warn(spec.warnings)
    counts = (
        f"{name}: {len(things)}"
        for name, things in (
            ("nodes", spec.nodes), ("links", spec.links), ("traffic items", spec.traffic),
        )
    )  # fmt: skip
    put_plain([f"{args.topology}: no faults ({', '.join(counts)})"])
    return 0
