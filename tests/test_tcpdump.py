"""tcpdump reads every shipped capture, and each frame of it.

But for one kind of file: libpcap has one link type for a file, and a pcapng with Ethernet and
ipip devices has two. A header that no device ever saw is not made up to please it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from pknet.overlay.ipip import IpipConfig
from pknet.topology import load

ROOT = Path(__file__).parent.parent
FOLDERS = sorted(path for path in (ROOT / "pcaps").iterdir() if path.is_dir())
TWO_LINK_TYPES = (
    "tcpdump: pcap_loop: an interface has a type 101 different from the type of the first interface"
)

pytestmark = pytest.mark.skipif(shutil.which("tcpdump") is None, reason="tcpdump is not installed")


def tcpdump(file: Path) -> tuple[int, list[str]]:
    """How many packets it tells, and its complaints. By standard input: it reads as no user."""
    with file.open("rb") as capture:
        done = subprocess.run(
            ["tcpdump", "-nn", "-r", "-"],
            stdin=capture, capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
    said = [line for line in done.stderr.splitlines() if not line.startswith("reading from file")]
    assert (done.returncode == 0) == (said == [])
    return sum(line[:1].isdigit() for line in done.stdout.splitlines()), said


def frames(folder: Path) -> Counter[str]:
    """How many each interface's pcap has, as the trace beside them has it."""
    lines = map(json.loads, (folder / "trace.jsonl").read_text().splitlines())
    return Counter(f"{it['node']}-{it['interface']}.pcap" for it in lines if it["dir"])


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_interfaces_capture_is_read_whole(folder):
    wanted = frames(folder)
    for file in sorted(folder.glob("*.pcap")):
        assert tcpdump(file) == (wanted[file.name], [])


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_capture_of_all_is_refused_only_where_some_have_no_ethernet_header(folder):
    spec = load(ROOT / "topologies" / f"{folder.name}.yaml")
    bare = any(isinstance(each.config, IpipConfig) for it in spec.nodes for each in it.tunnels)
    told, said = tcpdump(folder / f"{folder.name}.pcapng")
    assert said == ([TWO_LINK_TYPES] if bare else [])
    assert bare or told == frames(folder).total()
