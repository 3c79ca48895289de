"""The captures of a run, as Wireshark reads them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pknet.lab.lab import Lab
from pknet.report.folder import write

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("service")
    lab = Lab.load(ROOT / "topologies/service.yaml")
    lab.run()
    write(lab, folder)
    return folder


needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


def tshark(*words: str) -> list[str]:
    done = subprocess.run(["tshark", *words], capture_output=True, text=True, check=True)
    complaints = [line for line in done.stderr.splitlines() if "Running as user" not in line]
    assert complaints == []
    return done.stdout.splitlines()


@needs_tshark
@pytest.mark.tshark
def test_one_filter_shows_one_packets_whole_path(service):
    rows = tshark(
        "-r", str(service / "service.pcapng"), "-Y", "frame.packet_id == 1",
        "-T", "fields", "-e", "frame.interface_name", "-e", "ip.dst", "-e", "ip.ttl",
    )  # fmt: skip
    assert rows[0] == "a1:eth0\t172.30.0.1\t64"
    assert rows[-1].endswith("eth0\t10.1.2.1\t62")
    assert "node-a:eth0\t10.1.2.1\t63" in rows


@needs_tshark
@pytest.mark.tshark
def test_no_capture_has_a_wrong_checksum_or_a_malformed_frame(service):
    for file in sorted(service.glob("*.pcap*")):
        wrong = "ip.checksum.status == 0 || tcp.checksum.status == 0 || _ws.malformed"
        checks = ("-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE")
        assert tshark("-r", str(file), *checks, "-Y", wrong) == []


@needs_tshark
@pytest.mark.tshark
def test_the_comment_says_what_was_done(service):
    rows = tshark("-r", str(service / "service.pcapng"), "-Y",
                  'frame.comment contains "DNAT 172.30.0.1:80"', "-T", "fields", "-e",
                  "frame.interface_name")  # fmt: skip
    assert "node-a:vA1" in rows
