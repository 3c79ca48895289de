"""How many packets wait for a neighbour that does not answer; Linux counts their memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from kernel_backend import needs_kernel, pair, play

from pknet.kernel import btf
from pknet.lab.lab import Lab
from pknet.topology.load import load_text
from pknet.trace import Dropped, DropReason

HEADERS = 28  # bytes: IP and ICMP
#: Length of each packet in bytes -> so many wait; on either side of each step up in memory.
WAIT = {84: 256, 225: 256, 226: 166, 673: 166, 674: 92, 1500: 92}


def burst(length: int) -> str:
    """Two pings more than can wait, a millisecond apart, to nobody."""
    return pair(
        *(
            f"{{ping: 10.0.0.99, from: a1, at: {n}ms, id: {n + 1}, size: {length - HEADERS}}}"
            for n in range(WAIT[length] + 2)
        )
    )


@pytest.mark.parametrize("length", WAIT)
def test_the_oldest_make_way(length):
    lab = Lab(load_text(burst(length), Path("test.yaml")))
    lab.run()
    dropped = [hop.verdict for hop in lab.trace.hops if isinstance(hop.verdict, Dropped)]
    full = [drop for drop in dropped if drop.reason is DropReason.NEIGH_QUEUEFULL]
    assert [drop.text for drop in full] == [f"{WAIT[length]} wait for 10.0.0.99 already"] * 2


@pytest.mark.parametrize("length", WAIT)
class TestLinux:
    pytestmark = [
        *needs_kernel,
        pytest.mark.skipif(not btf.VMLINUX.exists(), reason="this kernel has no BTF"),
    ]

    def test_holds_as_many(self, length):
        drops = play(burst(length)).drops
        if drops is None:
            pytest.skip("others on this machine drop more than can be recorded")
        assert [drop.reason for drop in drops].count("NEIGH_QUEUEFULL") == 2
