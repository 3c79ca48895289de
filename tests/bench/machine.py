"""What it was measured on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path


def about(date: str | None) -> list[str]:
    """A list in Markdown; ``date`` as it is to stand there."""
    facts = {
        "Date": date,
        "Processor": f"{_processor()}, {os.cpu_count()} cores",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "Scapy": version("scapy"),
        "Kernel": f"{platform.system()} {platform.release()}",
    }
    return [f"- {name}: {value}" for name, value in facts.items() if value]


def _processor() -> str:
    """Its model; on Linux, platform.processor() does not know it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())
