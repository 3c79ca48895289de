"""Captures, byte by byte and as others read them."""

from __future__ import annotations

import contextlib
import io
import shutil
import struct
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.utils import PcapNgReader, PcapReader

from pknet.capture.pcap import SNAPLEN, PcapWriter
from pknet.capture.pcapng import (
    OPTION_LIMIT,
    InterfaceDescription,
    PcapngWriter,
    packet_block,
    text_option,
)

PORTS = [InterfaceDescription("a:eth0", "veth to b:eth0"), InterfaceDescription("b:eth0", "")]
frames = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 2**62), st.binary(min_size=14, max_size=80)),
    max_size=6,
)


class Calls(io.BytesIO):
    """A file that notes each write."""

    def __init__(self):
        super().__init__()
        self.sizes = []

    def write(self, data):
        self.sizes.append(len(data))
        return super().write(data)


def test_a_pcap_is_what_its_manual_says():
    file = io.BytesIO()
    PcapWriter(file).write(1_500_000_007, b"\xaa" * 14)
    header = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262_144, 1)
    record = struct.pack("<IIII", 1, 500_000_007, 14, 14) + b"\xaa" * 14
    assert file.getvalue() == header + record


def test_a_packet_block_is_what_its_draft_says():
    mine = packet_block(3, 5 << 32 | 7, b"\xaa" * 15, "out", 2**40, ["why"])
    options = (
        struct.pack("<HH3sx", 1, 3, b"why")
        + struct.pack("<HHI", 2, 4, 2)
        + struct.pack("<HHQ", 5, 8, 2**40)
        + bytes(4)
    )
    body = struct.pack("<IIIII", 3, 5, 7, 15, 15) + b"\xaa" * 15 + b"\0" + options
    size = struct.pack("<I", len(body) + 12)
    assert mine == struct.pack("<I", 6) + size + body + size


@given(frames)
def test_scapy_reads_back_every_frame_and_nanosecond_of_a_pcap(taps):
    file = io.BytesIO()
    writer = PcapWriter(file)
    short = [(time % 2**61, wire) for _, time, wire in taps]
    for time, wire in short:
        writer.write(time, wire)
    if not taps:
        return
    with PcapReader(io.BytesIO(file.getvalue())) as reader:
        seen = [(wire, meta.sec * 10**9 + meta.usec) for wire, meta in RawPackets(reader)]
    assert seen == [(wire, time) for time, wire in short]


@given(frames)
def test_scapy_reads_back_every_frame_interface_and_nanosecond_of_a_pcapng(taps):
    file = io.BytesIO()
    writer = PcapngWriter(file, PORTS)
    for port, time, wire in taps:
        writer.write(port, time, wire, "in", 7, ["first", "second"])
    if not taps:
        return
    with PcapNgReader(io.BytesIO(file.getvalue())) as reader:
        seen = list(RawPackets(reader))
    assert [wire for wire, _ in seen] == [wire for _, _, wire in taps]
    for (_, meta), (port, time, _) in zip(seen, taps, strict=True):
        assert ((meta.tshigh << 32) | meta.tslow, meta.tsresol) == (time, 10**9)
        assert meta.ifname.decode() == PORTS[port].name
        assert meta.direction == 1
        assert list(meta.comments) == [b"first", b"second"]


class RawPackets:
    """The frames of one of Scapy's readers with what it says of each."""

    def __init__(self, reader):
        self.reader = reader

    def __iter__(self):
        while True:
            try:
                yield self.reader._read_packet()
            except EOFError:
                return


def test_a_record_is_one_write():
    file = Calls()
    writer = PcapWriter(file)
    writer.write(0, bytes(99))
    assert file.sizes == [24, 16 + 99]


def test_a_block_is_one_write():
    file = Calls()
    writer = PcapngWriter(file, PORTS)
    head = len(file.sizes)
    writer.write(0, 0, bytes(99), "in", 1, ["what", "why"])
    assert head == 1 + len(PORTS)
    assert len(file.sizes) == head + 1


def pcap_bytes(count: int) -> bytes:
    file = io.BytesIO()
    writer = PcapWriter(file)
    for index in range(count):
        writer.write(index, bytes([index]) * 60)
    return file.getvalue()


def pcapng_bytes(count: int) -> bytes:
    file = io.BytesIO()
    writer = PcapngWriter(file, PORTS, [("10.0.0.1", "a")], "run")
    for index in range(count):
        writer.write(0, index, bytes([index]) * 60, "in", 1, ["why"])
    return file.getvalue()


FORMATS = {"pcap": (PcapReader, pcap_bytes), "pcapng": (PcapNgReader, pcapng_bytes)}


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_that_was_cut_anywhere_in_its_last_record_reads_up_to_the_one_before(kind):
    reader, content = FORMATS[kind]
    two, three = content(2), content(3)
    for end in range(len(two), len(three)):
        seen = []
        # What Scapy makes of half a record is its own affair.
        with reader(io.BytesIO(three[:end])) as opened, contextlib.suppress(Exception):
            seen += (wire for wire, _ in RawPackets(opened))
        assert seen[:2] == [bytes([0]) * 60, bytes([1]) * 60]


needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


def tshark(path, *words: str) -> list[str]:
    """One line for each frame; a file that was cut is read to its end all the same."""
    command = ["tshark", "-r", str(path), *words]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    return done.stdout.splitlines()


@needs_tshark
@pytest.mark.tshark
@pytest.mark.parametrize("kind", FORMATS)
def test_wireshark_reads_a_cut_file_up_to_its_last_whole_record(kind, tmp_path):
    content = FORMATS[kind][1](3)
    for cut in (1, 30, 61):
        path = tmp_path / f"cut.{kind}"
        path.write_bytes(content[:-cut])
        assert len(tshark(path)) == 2


@needs_tshark
@pytest.mark.tshark
def test_wireshark_sees_names_directions_ids_comments_and_nanoseconds(tmp_path):
    path = tmp_path / "all.pcapng"
    long = "é" * 40_000
    wire = bytes(12) + b"\x08\x00" + bytes.fromhex(
        "4500001c00010000400166de0a000001080808080800f7ff00000000"
    )  # fmt: skip
    with path.open("wb") as file:
        writer = PcapngWriter(file, PORTS, [("10.0.0.1", "pod-a")], "run")
        writer.write(0, 1_000_000_007, wire, "in", 2**40, ["what", "why"])
        writer.write(1, 2_000_000_000, wire, "out", 2, [long])
        writer.write(1, 3_000_000_000, wire)
    fields = ("frame.interface_name", "frame.interface_description", "frame.time_epoch",
              "frame.packet_flags_direction", "frame.packet_id")  # fmt: skip
    wanted = [word for field in fields for word in ("-e", field)]
    rows = [row.split("\t") for row in tshark(path, "-T", "fields", *wanted)]
    assert [row[:3] for row in rows] == [
        ["a:eth0", "veth to b:eth0", "1.000000007"],
        ["b:eth0", "", "2.000000000"],
        ["b:eth0", "", "3.000000000"],
    ]
    assert [int(row[3], 16) if row[3] else None for row in rows] == [1, 2, None]
    assert [int(row[4], 0) for row in rows] == [2**40, 2, 0]
    first, second, _ = tshark(path, "-T", "fields", "-e", "frame.comment")
    assert first == "what,why"
    assert second == "é" * ((OPTION_LIMIT - 3) // 2) + "…"
    assert "pod-a" in tshark(path, "-N", "n")[0]


@given(st.text(min_size=1, max_size=4), st.integers(0, 3))
def test_a_text_that_is_too_long_is_cut_between_two_characters(text, more):
    whole = text * (OPTION_LIMIT // len(text.encode()) + 1) + "x" * more
    made = text_option(1, whole)
    code, length = struct.unpack_from("<HH", made)
    kept = made[4 : 4 + length].decode()
    assert (code, len(made) % 4) == (1, 0)
    if len(whole.encode()) <= OPTION_LIMIT:
        assert kept == whole
    else:
        assert kept[-1] == "…"
        assert whole.startswith(kept[:-1])
        assert OPTION_LIMIT - 6 <= length <= OPTION_LIMIT


def test_one_snaplen_and_one_link_type_for_every_interface():
    file = io.BytesIO()
    PcapngWriter(file, PORTS)
    content, blocks = file.getvalue(), []
    while content:
        kind, size = struct.unpack_from("<II", content)
        blocks.append((kind, content[8 : size - 4]))
        assert content[size - 4 : size] == struct.pack("<I", size)
        content = content[size:]
    described = [body[:8] for kind, body in blocks if kind == 1]
    assert described == [struct.pack("<HHI", 1, 0, SNAPLEN)] * 2
