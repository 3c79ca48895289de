"""Topologies for the real kernel, and the reason why a test of it is skipped."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pknet.cli.verify import verify
from pknet.kernel.compare import Place
from pknet.kernel.run import Recording, run
from pknet.topology.load import load_text
from pknet.topology.spec import Spec

needs_kernel = [
    pytest.mark.kernel,
    pytest.mark.skipif(
        platform.system() != "Linux" or os.geteuid() != 0 or shutil.which("ip") is None,
        reason="needs Linux, root and iproute2",
    ),
]


def on_the_kernel(test: Callable[..., None]) -> Callable[..., None]:
    """Marks a test that needs it."""
    for mark in needs_kernel:
        test = mark(test)
    return test


#: a1 and b1 on one cable.
PAIR = """
name: pair
nodes:
  a1: {{interfaces: {{eth0: {{addresses: [10.0.0.1/24]}}}}, {a1}}}
  b1: {{interfaces: {{eth0: {{addresses: [10.0.0.2/24]}}}}, {b1}}}
links:
  - ['a1:eth0', 'b1:eth0']
traffic:
{traffic}
"""

A1: Place = ("a1", "eth0")
B1: Place = ("b1", "eth0")


def pair(*traffic: str, a1: str = "", b1: str = "") -> str:
    """Two hosts; ``a1`` and ``b1`` are more of their keys."""
    items = "\n".join(f"  - {item}" for item in traffic)
    return PAIR.format(a1=a1, b1=b1, traffic=items)


def play(text: str) -> Recording:
    """On this machine's kernel."""
    return run(load_text(text, Path("test.yaml")))


#: Scenes of which the kernel makes one thing or another, and why. pknet makes one of them, the
#: more frequent one, always; the recorded frames hold it to that without a kernel.
_WOKEN = "a listener, woken by a FIN, answers before or after its own processor has acknowledged it"
RACES = {"data-for-nobody": _WOKEN, "TCP_ABORT_ON_DATA": _WOKEN}
_ASKED = 3  # times at most: each way was seen in 22 and 3 of 25 runs


def played_by_the_kernel(spec: Spec, scene: str, alike: Callable[[Recording], bool]) -> Recording:
    """One run of it; of a scene that is a race the first that is ``alike``, or the last."""
    recording = run(spec)
    for _ in range(_ASKED - 1 if scene in RACES else 0):
        if alike(recording):
            break
        recording = run(spec)
    return recording


def wires(recording: Recording, place: Place, direction: str | None = None) -> list[bytes]:
    """What crossed ``place``, both ways or one."""
    frames = recording.frames[place]
    return [f.wire for f in frames if direction in (None, f.direction)]


def differences(text: str) -> str:
    """What pknet and this machine's kernel do not have in common; nothing where they agree."""
    verification = verify(load_text(text, Path("test.yaml")))
    return "" if verification.same else "\n".join(verification.lines())
