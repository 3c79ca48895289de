"""The judge is not to be fooled: real captures, with one byte changed."""

from __future__ import annotations

from functools import cache

import pytest
from golden_kernel import DATA, scenarios
from hypothesis import given, settings
from hypothesis import strategies as st

from pknet.kernel.capture import Captured
from pknet.kernel.compare import Place, compare, folders, read_folder
from pknet.kernel.fields import fields
from pknet.kernel.pcapfile import write

BUSY = [name for name in scenarios() if any(DATA.joinpath(name).glob("*.pcap"))]


@cache
def recorded(name: str) -> dict[Place, list[Captured]]:
    return read_folder(DATA / name)


@pytest.mark.parametrize("name", scenarios())
def test_a_recording_is_the_same_as_itself(name: str) -> None:
    assert folders(DATA / name, DATA / name) == []


@settings(max_examples=300)
@given(st.data())
def test_any_changed_byte_is_found_where_it_is(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(BUSY))
    place = data.draw(st.sampled_from(sorted(recorded(name))))
    frames = list(recorded(name)[place])
    number = data.draw(st.integers(0, len(frames) - 1))
    wire = bytearray(frames[number].wire)
    wire[data.draw(st.integers(0, len(wire) - 1))] ^= data.draw(st.integers(1, 255))
    frames[number] = frames[number]._replace(wire=bytes(wire))
    found = compare(recorded(name), {**recorded(name), place: frames})
    assert (place, number + 1) in [(each.place, each.number) for each in found]


@settings(max_examples=50)
@given(st.data())
def test_frames_in_another_order_are_found(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(BUSY))
    place = data.draw(st.sampled_from(sorted(recorded(name))))
    frames = list(recorded(name)[place])
    moved = data.draw(st.integers(0, len(frames) - 1))
    frames.insert(0, frames.pop(moved))
    same = [each.wire for each in frames] == [each.wire for each in recorded(name)[place]]
    assert same == (compare(recorded(name), {**recorded(name), place: frames}) == [])


@pytest.mark.parametrize("name", BUSY)
def test_fields_cover_a_frame_from_its_first_byte_in_order(name: str) -> None:
    for frames in recorded(name).values():
        for captured in frames:
            places = [field.at for field in fields(captured.wire)]
            assert places == sorted(set(places))
            assert places[0] == 0
            assert places[-1] < len(captured.wire)


def test_what_is_written_is_read_again(tmp_path) -> None:  # type: ignore[no-untyped-def]
    frames = [Captured(1_700_000_000_123_456_789, None, bytes(60)), Captured(0, None, b"\1" * 14)]
    write(tmp_path / "A-eth0.pcap", frames)
    assert read_folder(tmp_path) == {("A", "eth0"): frames}


@pytest.mark.parametrize("spoilt", [b"", b"x" * 24, b"\xd4\xc3\xb2\xa1" + bytes(20)])
def test_what_is_no_capture_is_refused_by_name(tmp_path, spoilt: bytes) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "A-eth0.pcap").write_bytes(spoilt)
    with pytest.raises(ValueError, match=r"A-eth0\.pcap: not a pcap file of Ethernet frames"):
        read_folder(tmp_path)


def test_a_capture_that_was_cut_off_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    write(tmp_path / "A-eth0.pcap", [Captured(0, None, bytes(60))])
    data = (tmp_path / "A-eth0.pcap").read_bytes()
    (tmp_path / "A-eth0.pcap").write_bytes(data[:-1])
    with pytest.raises(ValueError, match="frame 1 is cut off"):
        read_folder(tmp_path)
