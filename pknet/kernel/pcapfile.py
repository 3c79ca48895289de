"""Classic pcap files of Ethernet frames, read and written (draft-ietf-opsawg-pcap)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

from pknet.kernel.capture import Captured

_NANOSECONDS = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}  # of one unit of a time stamp's second half
_ETHERNET = 1


def read(path: Path) -> list[Captured]:
    """All frames, without directions. Raises ValueError on what is no pcap of Ethernet frames."""
    data = path.read_bytes()
    order = next((o for o in "<>" if _magic(data, o) in _NANOSECONDS), None)
    if order is None or len(data) < 24 or struct.unpack_from(f"{order}I", data, 20)[0] != _ETHERNET:
        raise ValueError(f"{path}: not a pcap file of Ethernet frames")
    unit = _NANOSECONDS[_magic(data, order)]
    frames: list[Captured] = []
    at = 24
    while at < len(data):
        if at + 16 > len(data):
            raise ValueError(f"{path}: cut off in frame {len(frames) + 1}")
        seconds, part, stored, length = struct.unpack_from(f"{order}IIII", data, at)
        at += 16 + stored
        if stored < length or at > len(data):
            raise ValueError(f"{path}: frame {len(frames) + 1} is cut off")
        frames.append(Captured(seconds * 1_000_000_000 + part * unit, None, data[at - stored : at]))
    return frames


def _magic(data: bytes, order: str) -> int:
    return struct.unpack(f"{order}I", data[:4].ljust(4, b"\0"))[0]  # type: ignore[no-any-return]


def write(path: Path, frames: Iterable[Captured]) -> None:
    """With nanosecond time stamps."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 1 << 18, _ETHERNET))
        for time_ns, _, wire in frames:
            seconds, part = divmod(time_ns, 1_000_000_000)
            file.write(struct.pack("<IIII", seconds, part, len(wire), len(wire)) + wire)
