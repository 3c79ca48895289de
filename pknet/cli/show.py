"""Print what a node would show of itself after the run.

As iproute2, bridge, iptables-save and conntrack print it. Exit status: 0, or 2 bad input.
"""

from __future__ import annotations

from argparse import ArgumentParser
from argparse import Namespace as Arguments

from pknet.report.show import VIEWS


def arguments(parser: ArgumentParser) -> None:
    """Of ``pknet show``."""
    parser.add_argument("node", metavar="NODE")
    parser.add_argument("view", choices=VIEWS)


def run(args: Arguments) -> int:
    """Expectations do not matter here."""
    from pknet.cli.faults import UsageError
    from pknet.cli.output import put_plain, warn
    from pknet.lab.lab import Lab
    from pknet.netns.namespace import Namespace
    from pknet.report.show import view

    lab = Lab.load(args.topology)
    node = lab.nodes.get(args.node)
    if not isinstance(node, Namespace):
        raise UsageError(f"no node {args.node!r} in {args.topology}: {', '.join(lab.nodes)}")
    warn(lab.spec.warnings)
    lab.run()
    put_plain(view(args.view)(node))
    return 0
