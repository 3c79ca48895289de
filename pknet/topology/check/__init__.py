"""What can only be checked when the whole file is known.

Law: every name that one part uses, another part declares; what Linux would refuse is refused.
"""

from __future__ import annotations

from pknet.topology.check.devices import check_devices
from pknet.topology.check.files import check_files
from pknet.topology.check.links import check_links
from pknet.topology.check.loops import check_loops
from pknet.topology.check.routes import check_routes
from pknet.topology.check.rules import check_rules
from pknet.topology.check.traffic import check_traffic
from pknet.topology.check.tunnels import check_tunnels
from pknet.topology.raw import Raw


def check(raw: Raw) -> None:
    """Note every fault of ``raw``. Links come first: they say which interfaces there are."""
    check_links(raw)
    check_files(raw)
    for node in raw.nodes.values():
        check_devices(node, raw.links.unclear)
        check_tunnels(node)
        check_routes(node)
        check_rules(node)
    check_loops(raw.nodes, raw.links.whole)
    check_traffic(raw)
