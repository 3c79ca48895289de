"""What is left of a run that was told to end: nothing half-written, and no traceback."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

MANY = """
name: many
nodes:
  a: {interfaces: {eth0: {addresses: [10.0.0.1/24]}}}
  b: {interfaces: {eth0: {addresses: [10.0.0.2/24]}}, listen: [{udp: 9, reply: pong}]}
links: [["a:eth0", "b:eth0"]]
traffic: [{udp: "10.0.0.2:9", from: a, count: 1000000, rate: 50000/s}]
"""
PATIENCE = 30.0  # seconds; it writes for several


#: What is started in the background ignores interrupts; this is to heed them.
HEED = ["env", "--default-signal=INT"]


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=["INT", "TERM", "HUP"],
)
def test_a_signal_while_files_are_written_leaves_none(tmp_path: Path, number, status):
    (tmp_path / "many.yaml").write_text(MANY)
    command = [*HEED, sys.executable, "-m", "pknet", "run", "many.yaml", "--out", "out"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        end = time.monotonic() + PATIENCE
        while not list(tmp_path.glob("out/.*.part")):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end
            time.sleep(0.005)
        process.send_signal(number)
        said = process.communicate(timeout=PATIENCE)
    assert process.returncode == status
    assert said == ("", "")
    assert not (tmp_path / "out").exists()
