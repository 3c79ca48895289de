"""What Linux 6.18 put on the wire, as recorded in tests/data/kernel/<scenario>/.

topology.yaml                 the network and its traffic
<node>-<interface>.pcap       what tcpdump -p saw there; no file: nothing crossed it (lo: unseen)
drops.txt                     the kernel's own drop reasons, in order; no file: none
"""

from __future__ import annotations

import re
from pathlib import Path

from pknet.kernel.compare import Place, read_folder

DATA = Path(__file__).parent / "data" / "kernel"


def scenarios() -> list[str]:
    """All of them, by name."""
    return sorted(path.name for path in DATA.iterdir())


def topology(name: str) -> Path:
    """The file to play."""
    return DATA / name / "topology.yaml"


def expected(name: str) -> dict[Place, list[bytes]]:
    """The frames of every interface that saw any, in order."""
    return {
        place: [captured.wire for captured in frames]
        for place, frames in read_folder(DATA / name).items()
    }


def expected_drops(name: str) -> list[str]:
    """The kernel's reasons, in order: ``["IP_INHDR", "IP_INHDR"]``."""
    path = DATA / name / "drops.txt"
    return re.findall(r"reason=(\w+)", path.read_text()) if path.exists() else []
