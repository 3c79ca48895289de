"""What a program is told where the node itself does not send: the kernel's own errno."""

from __future__ import annotations

from pathlib import Path

import pytest
from kernel_backend import differences, needs_kernel, pair, play

from pknet.lab.lab import Lab
from pknet.lab.result import ItemResult
from pknet.topology.load import load_text

PING = "{ping: 10.0.0.255, from: a1}"
STREAM = "{ping: 10.0.0.255, from: a1, count: 2}"


def results(text: str) -> list[ItemResult]:
    return Lab(load_text(text, Path("test.yaml"))).run()


def outcome(item: str, **nodes: str) -> str:
    (result,) = results(pair(item, **nodes))
    return result.summary


def test_pings_to_everyone_are_refused_one_or_many() -> None:
    assert outcome(PING) == "not sent: permission denied"
    assert outcome(STREAM) == "0 sent, 0 answered, 0 lost, 2 not sent: permission denied"


class TestLinux:
    """The judge."""

    pytestmark = needs_kernel

    @pytest.mark.parametrize("item", [PING, STREAM])
    def test_sends_no_ping_to_everyone(self, item: str) -> None:
        assert differences(pair(item)) == ""
        assert play(pair(item)).results == ["Permission denied"]
