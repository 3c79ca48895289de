"""One story, two routers built from one topology: ours and the real kernel's.

They must say the same.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence

import pytest
from conntrack_kernel_box import kernels
from conntrack_told import SIDES, Frames, Step, Told, comparable, counted, listed, spec_of, tell
from kernel_backend import needs_kernel

from pknet.lab.lab import Lab
from pknet.netns.namespace import Namespace
from pknet.sim.clock import MICROSECOND, SECOND
from pknet.topology.spec import Spec
from pknet.wire.ethernet import HEADER_LENGTH
from pknet.wire.frame import Frame

needs_conntrack = [
    *needs_kernel,
    pytest.mark.skipif(shutil.which("conntrack") is None, reason="needs iptables and conntrack"),
]

#: INVALID dies; the other states are counted.
RULES = """*filter
-A FORWARD -m conntrack --ctstate INVALID -j DROP
-A FORWARD -m conntrack --ctstate NEW
-A FORWARD -m conntrack --ctstate ESTABLISHED
-A FORWARD -m conntrack --ctstate RELATED --ctdir ORIGINAL
-A FORWARD -m conntrack --ctstate RELATED --ctdir REPLY
COMMIT
"""


def both(*story: Step, rules: str, sysctls: dict[str, int] | None = None) -> tuple[Told, Told]:
    """Tell ``story`` to our router, and to the kernel's."""
    spec = spec_of(rules, sysctls)
    return _ours(spec, story), kernels(spec, story)


def judged(*story: Step, rules: str, sysctls: dict[str, int] | None = None) -> Told:
    """Tell ``story`` to both: they must say the same. Ours is returned."""
    ours, theirs = both(*story, rules=rules, sysctls=sysctls)
    for number, (our, their) in enumerate(zip(ours.sent, theirs.sent, strict=True)):
        assert our == their, f"packet {number} of {len(ours.sent)}"
    assert ours.connections == theirs.connections
    assert ours.counters == theirs.counters
    return ours


def tracked(*story: Step, **sysctls: int) -> Told:
    """Both track ``story`` alike; a keyword is a sysctl without ``nf_conntrack_``."""
    named = {f"net.netfilter.nf_conntrack_{name}": value for name, value in sysctls.items()}
    return judged(*story, rules=RULES, sysctls=named)


class OurBox:
    """A Lab; frames go in and come out at the far ends of the router's cables."""

    def __init__(self, spec: Spec) -> None:
        self.lab = Lab(spec)

    def wait(self, seconds: float) -> None:
        self.lab.settle(int(seconds * SECOND))

    def send(self, side: str, wire: bytes) -> Frames:
        first = len(self.lab.trace.taps)
        self.lab.nodes[side].send(self.lab.interface(f"{side}:eth0"), Frame(wire))
        self.lab.settle(100 * MICROSECOND)
        seen = self.lab.trace.taps[first:]
        return [
            (each, comparable(tap.frame.wire[HEADER_LENGTH:]))
            for each in SIDES
            for tap in seen
            if tap.hop.node == each and tap.direction == "in"
        ]


def _ours(spec: Spec, story: Sequence[Step]) -> Told:
    box = OurBox(spec)
    sent = tell(box, story)
    box.wait(0.001)  # nobody looks at the very same instant
    node = box.lab.nodes["box"]
    assert isinstance(node, Namespace)
    firewall = node.firewall
    listing = firewall.conntrack.listing() if firewall.conntrack else ""
    return Told(sent, listed(listing), counted(firewall.ruleset.save_counted()))
