"""The kernel under this test run does what Linux 6.18 was recorded doing."""

from __future__ import annotations

import pytest
from golden_kernel import DATA, topology
from kernel_backend import needs_kernel

from pknet.kernel.compare import compare, read_folder
from pknet.kernel.given import Given
from pknet.kernel.run import run
from pknet.topology.load import load

pytestmark = needs_kernel

#: One for each mechanism; the others differ in one rule or route, and take as long again.
EACH_MECHANISM = [
    "same_node_ping",
    "cross_node_ping",
    "hairpin",
    "svc_udp",
    "svc_tcp_nobrnf",
    "nodeport_nomasq_local",
    "pmtu_frag",
    "pmtu_df",
    "router_internet_reject",
    "ttl",
    "udp_closed",
]


@pytest.mark.parametrize("name", EACH_MECHANISM)
def test_the_same_frames_on_every_interface(name: str) -> None:
    spec = load(topology(name))
    seen = {place: frames for place, frames in run(spec).frames.items() if place[1] != "lo"}
    assert compare(read_folder(DATA / name), seen, Given.by(spec)) == []
