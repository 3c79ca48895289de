"""How long a ``tcp`` item's client reads: a reply that pauses is not cut, here or in the kernel."""

from __future__ import annotations

from pathlib import Path

import pytest
from kernel_backend import differences, needs_kernel, pair, play

from pknet.lab.lab import Lab
from pknet.lab.result import ItemResult
from pknet.topology.load import load_text

NTH = "-m statistic --mode nth --every 99 --packet 5"
LAST_LOST = rf"*filter\n-A INPUT -p tcp {NTH} -j DROP\nCOMMIT\n"
SERVER = "listen: [{tcp: 80, reply: {bytes: 5kB}}]"
LOSSY = f'iptables: "{LAST_LOST}"'
ITEM = '{tcp: "10.0.0.2:80", from: a1, payload: ping'
EXPECTING = f"{ITEM}, expect: {{received: {{bytes: 5kB}}}}}}"


def slow(item: str, reply: str) -> str:
    """Both on a cable that takes 50 ms."""
    text = pair(item, b1=SERVER.replace("5kB", reply))
    return text.replace(
        "['a1:eth0', 'b1:eth0']", "{endpoints: ['a1:eth0', 'b1:eth0'], type: cable, delay: 50ms}"
    )


def result(text: str) -> ItemResult:
    (found,) = Lab(load_text(text, Path("test.yaml"))).run()
    return found


def test_a_reply_whose_last_segment_is_lost_is_read_to_its_expected_end() -> None:
    assert result(pair(EXPECTING, a1=LOSSY, b1=SERVER)).failure is None


@pytest.mark.parametrize("reply", ["5kB", "50kB"])
def test_a_reply_of_many_round_trips_is_read_whole(reply: str) -> None:
    size = reply.replace("kB", "000 bytes")
    assert f"({size})" in result(slow(f"{ITEM}, timeout: 5s}}", reply)).summary


def test_what_never_comes_is_waited_for_until_the_timeout() -> None:
    item = f"{ITEM}, timeout: 400ms, expect: {{received: {{bytes: 6kB}}}}}}"
    found = result(pair(item, b1=SERVER))
    assert "(5000 bytes), timed out" in found.summary
    assert found.failure is not None


class TestTheKernel:
    """Its sockets, and a program that reads as long."""

    pytestmark = needs_kernel

    def test_reads_on_over_the_same_loss(self) -> None:
        text = pair(EXPECTING, a1=LOSSY, b1=SERVER)
        assert differences(text) == ""
        assert len(play(text).results[0]) > len("connected, received") + 5000
