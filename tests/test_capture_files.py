"""The captures of a run, as Wireshark reads them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pknet.lab.lab import Lab
from pknet.report.folder import write

ROOT = Path(__file__).parent.parent
TOPOLOGIES = sorted((ROOT / "topologies").glob("*.yaml"))


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
def test_what_was_done_while_it_waited_is_told_where_it_is_first_seen(service):
    (comment,) = tshark(
        "-r", str(service / "service.pcapng"),
        "-Y", "frame.packet_id == 1 && frame.interface_name == \"a1:eth0\"",
        "-T", "fields", "-e", "frame.comment",
    )  # fmt: skip
    assert comment == "a1: HELD: waits for the MAC of 10.1.1.254 on eth0,a1: SENT"


def faults(file: Path) -> list[str]:
    """Frames with a wrong checksum, or that a dissector gives up on.

    One file for all interfaces holds each segment many times, which is no stream to put together.
    """
    checks = [f"{p}.check_checksum:TRUE" for p in ("ip", "tcp", "udp")]
    settings = [*checks, "tcp.desegment_tcp_streams:FALSE"]
    wrong = " || ".join(f"{p}.checksum.status == 0" for p in ("ip", "tcp", "udp", "icmp"))
    options = [word for setting in settings for word in ("-o", setting)]
    return tshark("-r", str(file), *options, "-Y", f"{wrong} || _ws.malformed")


@needs_tshark
@pytest.mark.tshark
def test_no_capture_has_a_wrong_checksum_or_a_malformed_frame(service):
    for file in sorted(service.glob("*.pcap*")):
        assert faults(file) == []


@needs_tshark
@pytest.mark.tshark
@pytest.mark.parametrize("path", TOPOLOGIES, ids=lambda path: path.stem)
def test_nor_has_that_of_any_shipped_topology(path, tmp_path):
    lab = Lab.load(path)
    lab.run()
    write(lab, tmp_path)
    assert faults(tmp_path / f"{lab.spec.name}.pcapng") == []


@needs_tshark
@pytest.mark.tshark
def test_the_comment_says_what_was_done(service):
    rows = tshark("-r", str(service / "service.pcapng"), "-Y",
                  'frame.comment contains "DNAT 172.30.0.1:80"', "-T", "fields", "-e",
                  "frame.interface_name")  # fmt: skip
    assert "node-a:vA1" in rows
