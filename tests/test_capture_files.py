"""Captures as Wireshark reads them, and as they are when something went wrong."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from scapy.utils import PcapNgReader, PcapReader

from pknet.capture.output import OutputError, OutputFolder
from pknet.capture.pcap import PcapWriter
from pknet.capture.pcapng import InterfaceDescription, PcapngWriter
from pknet.lab.lab import Lab
from pknet.report.folder import write

ROOT = Path(__file__).parent.parent
FRAMES = [bytes([i]) * (14 + i) for i in range(5)]


def pcap() -> bytes:
    file = io.BytesIO()
    writer = PcapWriter(file)
    for index, frame in enumerate(FRAMES):
        writer.write(1_000_000_007 * index, frame)
    return file.getvalue()


def pcapng() -> bytes:
    file = io.BytesIO()
    described = [InterfaceDescription("a:eth0", "one"), InterfaceDescription("b:eth0", "two")]
    writer = PcapngWriter(file, described, [("10.0.0.1", "a")], "a comment")
    for index, frame in enumerate(FRAMES):
        writer.write(index % 2, 1_000_000_007 * index, frame, "out", 7, ["what", "and why"])
    return file.getvalue()


def read(reader, content: bytes) -> list[bytes]:
    """The frames up to the first that is not whole."""
    frames = []
    with reader(io.BytesIO(content)) as opened:
        while True:
            try:
                frames.append(bytes(opened.read_packet()))
            except Exception:
                return frames


@pytest.mark.parametrize(("reader", "content"), [(PcapReader, pcap()), (PcapNgReader, pcapng())])
def test_scapy_reads_every_frame(reader, content):
    assert read(reader, content) == FRAMES


def test_a_pcap_cut_short_reads_up_to_its_last_whole_record():
    content = pcap()
    last = 16 + len(FRAMES[-1])
    for cut in range(1, last + 1):
        assert read(PcapReader, content[:-cut])[: len(FRAMES) - 1] == FRAMES[:-1]


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


def test_a_folder_that_is_a_file_is_refused_and_left_alone(tmp_path):
    (tmp_path / "file").write_text("kept")
    with (
        pytest.raises(OutputError, match="Not a directory|not a folder"),
        OutputFolder(tmp_path / "file"),
    ):
        pass
    assert (tmp_path / "file").read_text() == "kept"


def test_a_failure_leaves_nothing_half_written(tmp_path):
    good = tmp_path / "out" / "a.pcap"
    good.parent.mkdir()
    good.write_bytes(b"before")
    output = OutputFolder(good.parent)
    with pytest.raises(ZeroDivisionError), output:
        with output.open("a.pcap") as file:
            file.write(b"after")
        raise ZeroDivisionError
    assert [f.name for f in good.parent.iterdir()] == ["a.pcap"]
    assert good.read_bytes() == b"before"


def test_folders_that_were_made_for_nothing_go_again(tmp_path):
    output = OutputFolder(tmp_path / "deep" / "er")
    with pytest.raises(ZeroDivisionError), output:
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
