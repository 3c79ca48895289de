"""Where things are, and running programs from there."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from bench.row import UndoneError

ROOT = Path(__file__).resolve().parents[2]
TOPOLOGIES = ROOT / "topologies"
PROGRAMS = Path(__file__).parent / "programs"
BUILD = ROOT / "build" / "bench"
TIMEOUT = 900  # seconds: a program that hangs is an error


def environment() -> dict[str, str]:
    """In which a Python finds ``pknet`` and ``bench`` of this checkout."""
    path = [str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, path))}


def output(command: Sequence[str | Path]) -> str:
    """What ``command`` prints. Raises UndoneError where it fails."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=TIMEOUT, env=environment()
    )
    if done.returncode:
        raise UndoneError(f"{command[0]}: exit status {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def timed(command: Sequence[str | Path]) -> tuple[float, str]:
    """Seconds from start to exit, and what it prints."""
    start = time.perf_counter()
    text = output(command)
    return time.perf_counter() - start, text
