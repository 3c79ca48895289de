"""Send one ping through a topology instead of its own traffic.

Exit status: 0 answered, 1 not, 2 bad input.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pknet.topology.spec import NodeSpec, Spec


def arguments(parser: ArgumentParser) -> None:
    """Of ``pknet ping``."""
    parser.add_argument("source", metavar="FROM", help="a node")
    parser.add_argument("target", metavar="TO", help="an address, or a node's first one")
    parser.add_argument("--detail", action="store_true", help="every rule and table consulted")


def run(args: Namespace) -> int:
    """The file's network, with this ping as its only traffic."""
    from dataclasses import replace
    from pathlib import Path

    from pknet.cli.output import warn
    from pknet.cli.run import print_text, status
    from pknet.lab.lab import Lab
    from pknet.topology.item import Expect, Ping
    from pknet.topology.load import load
    from pknet.topology.place import Place

    spec = load(Path(args.topology))
    warn(spec.warnings)
    source, destination = _node(spec, args.source).name, _address(spec, args.target)
    item = Ping(
        place=Place("command line", 1, 1),
        source=source,
        name=f"ping {source} -> {destination}",
        expect=Expect(reply="echo-reply"),
        destination=destination,
    )
    lab = Lab(replace(spec, traffic=(item,)))
    results = lab.run()
    print_text(lab, [replace(result, failure=None) for result in results], args.detail)
    return status(results)


def _node(spec: Spec, name: str) -> NodeSpec:
    from pknet.cli.faults import UsageError

    for node in spec.nodes:
        if node.name == name:
            return node
    raise UsageError(f"no node {name!r}: there are {', '.join(node.name for node in spec.nodes)}")


def _address(spec: Spec, text: str) -> IPv4Address:
    """``text`` itself, or the first address of the node of that name."""
    from pknet.cli.faults import UsageError

    try:
        return IPv4Address(text)
    except ValueError:
        node = _node(spec, text)
    for device in node.devices:
        if device.addresses:
            return device.addresses[0].ip
    raise UsageError(f"{text} has no address to ping")
