"""Sockets on a network do what Linux's do: every frame at both ends, and what programs are told."""

from __future__ import annotations

import pytest
from kernel_backend import needs_kernel
from socket_scenes import ROUTED, SCENES, differences, played, recorded, spec_of

from pknet.kernel.run import run
from pknet.lab.lab import Lab

ALL = (*SCENES, *ROUTED)
TOLD = {
    "tcp": ['connected, received "pong"'],
    "tcp-closed-port": ["not connected, connection refused"],
    "tcp-rejected": ["not connected, connection refused, ICMP 3/3 port unreachable from 10.0.0.2"],
    "tcp-rejected-later": ["connected, timed out, ICMP 3/1 host unreachable from 10.0.0.2"],
    "tcp-silence": ["not connected, timed out"],
    "tcp-twice-from-one-port": [
        'connected, received "pong"',
        "not connected, EADDRNOTAVAIL",
    ],
    "udp-closed-port": ["ICMP 3/3 port unreachable from 10.0.0.2"],
    "own-address": ['connected, received "pong"', 'received "pong"'],
}


@pytest.mark.parametrize("name", ALL)
def test_every_frame_is_as_linux_sent_it(name: str) -> None:
    wrong = differences(name, played(Lab(spec_of(name))), recorded(name))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("name", TOLD)
def test_a_program_is_told_what_became_of_it(name: str) -> None:
    assert [result.summary for result in Lab(spec_of(name)).run()] == TOLD[name]


SLOW = ("tcp-syn-ack-lost", "tcp-syn-lost", "tcp-silence", "tcp-rejected-later", "nobody-there")


@needs_kernel[0]
@needs_kernel[1]
def test_this_kernel_does_what_the_recorded_one_did() -> None:
    found = [_wrong_here(name) for name in ALL if name not in SLOW]
    assert [text for text in found if text] == []


def _wrong_here(name: str) -> str:
    """Real time may be late on a busy machine: the third time counts."""
    for _ in range(3):
        wrong = differences(name, run(spec_of(name)).frames, recorded(name))
        if not wrong:
            return ""
    return "\n".join([name, *map(str, wrong)])
