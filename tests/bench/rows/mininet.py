"""Mininet: the same hosts as processes in namespaces, on one Linux bridge, ARP entries set.

It runs in a network and mount namespace of its own: this machine's own devices stay untouched.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bench.place import PROGRAMS, timed
from bench.row import Row, UndoneError, Unit

TOOLS = {"mn": "mininet", "ping": "iputils-ping", "brctl": "bridge-utils", "unshare": "util-linux"}


def missing() -> str | None:
    """What Mininet needs here."""
    if os.geteuid() != 0:
        return "Mininet needs root"
    absent = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    return f"Mininet is not installed (apt install {' '.join(absent)})" if absent else None


def pingall(hosts: int) -> float:
    """Seconds of the whole process."""
    apart = ["unshare", "--net", "--mount", "--propagation", "private"]
    seconds, text = timed([*apart, _python(), PROGRAMS / "mininet_pingall.py", str(hosts)])
    if text.strip() != "0.0 % lost":
        raise UndoneError(f"Mininet: {text}")
    return seconds


def _python() -> str:
    """The interpreter that has Mininet's modules: that of its own command."""
    command = shutil.which("mn")
    assert command is not None
    return Path(command).read_text("utf-8").partition("\n")[0].removeprefix("#!").split()[-1]


ROWS = (
    Row("mininet", "Mininet, pingall, static ARP", Unit.SECONDS, 50, 3, pingall, missing, True),
)
