"""Captures are whole, or the run is an error."""

from __future__ import annotations

import pytest
from kernel_backend import needs_kernel, pair, play

from pknet.kernel import capture, run
from pknet.kernel.errors import KernelError

pytestmark = needs_kernel
FRAGMENTS = f'{{udp: "10.0.0.2:9", from: a1, payload: {"x" * 9000}, df: false}}'


def test_a_ring_that_was_full_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "_RING", 0)
    monkeypatch.setattr(capture, "_FEWEST_SLOTS", 4)
    with pytest.raises(KernelError, match=r"[ab]1: the capture ring was full, and \d+ frames"):
        play(pair(FRAGMENTS))


def test_a_frame_longer_than_its_slot_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_largest", lambda spec: 100)
    monkeypatch.setattr(capture, "_SMALLEST_SLOT", 256)
    with pytest.raises(KernelError, match=r"[ab]1:eth0: a frame of 1514 bytes was not expected"):
        play(pair(FRAGMENTS))


def test_a_ring_takes_more_frames_than_it_has_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "_RING", 0)
    monkeypatch.setattr(capture, "_FEWEST_SLOTS", 8)
    pings = [f"{{ping: 10.0.0.2, from: a1, seq: {number}}}" for number in range(1, 8)]
    frames = play(pair(*pings)).frames["a1", "eth0"]
    assert len(frames) == 2 + 2 * 7
    assert [one.time_ns for one in frames] == sorted(one.time_ns for one in frames)
