"""The classic pcap format, with nanoseconds (pcap-savefile(5)).

Law: a record is one write, so a file that was cut short reads up to its last whole record. The
byte order is fixed: the same capture has the same bytes on every machine.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

MAGIC_NANOSECONDS = 0xA1B23C4D
LINKTYPE_ETHERNET = 1
LINKTYPE_RAW = 101  # an IP packet without a link layer
SNAPLEN = 262_144  # bytes; one figure for every interface, or libpcap refuses a pcapng file
SECOND = 1_000_000_000

_HEADER = struct.Struct("<IHHiIII")
_RECORD = struct.Struct("<IIII")
RECORD_LENGTH = _RECORD.size
TIME_AT = 0  # of a record: seconds, then nanoseconds


class PcapWriter:
    """Writes to an open binary file; the caller closes it."""

    def __init__(self, file: BinaryIO, linktype: int = LINKTYPE_ETHERNET) -> None:
        self._write = file.write
        self._write(_HEADER.pack(MAGIC_NANOSECONDS, 2, 4, 0, 0, SNAPLEN, linktype))

    def write(self, time_ns: int, wire: bytes) -> None:
        """One frame; ``time_ns`` counts from the start of the run, shown as 1970-01-01."""
        self._write(record(time_ns, wire))

    def write_all(self, records: bytes | bytearray) -> None:
        """Whole records."""
        self._write(records)


def record(time_ns: int, wire: bytes) -> bytes:
    """One frame as the file has it."""
    seconds, rest = divmod(time_ns, SECOND)
    return _RECORD.pack(seconds, rest, len(wire), len(wire)) + wire
