"""pcapng: every interface in one file, with what was done to each packet.

Law: one packet id for one packet over all its hops (epb_packetid), so that Wireshark's
``frame.packet_id == 3`` shows its whole path; one interface block for each interface. A block
is one write, so a file that was cut short reads up to its last whole block.

Format: draft-ietf-opsawg-pcapng. Written little-endian everywhere.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address
from typing import BinaryIO, NamedTuple

from pknet.capture.pcap import LINKTYPE_ETHERNET, SNAPLEN

SECTION_HEADER, INTERFACE, NAME_RESOLUTION, ENHANCED_PACKET = 0x0A0D0D0A, 1, 4, 6
BYTE_ORDER = 0x1A2B3C4D

OPT_COMMENT = 1
SHB_HARDWARE, SHB_OS, SHB_APPLICATION = 2, 3, 4
IF_NAME, IF_DESCRIPTION, IF_TSRESOL = 2, 3, 9
EPB_FLAGS, EPB_PACKETID = 2, 5
NRB_IPV4 = 1

DIRECTIONS = {"in": 1, "out": 2}  # the two low bits of epb_flags
#: In a packet_block: its time, as two numbers of 32 bits, the high one first; its frame; and its
#: epb_packetid, before the end mark of the options and the length.
TIME_AT, DATA_AT, PACKETID_FROM_END = 12, 28, 16
TIME_UNIT = 1 << 32
OPTION_LIMIT = 65_535  # bytes one option may have


class InterfaceDescription(NamedTuple):
    """``node-a:eth0``, and what it is."""

    name: str
    description: str
    linktype: int = LINKTYPE_ETHERNET


def block(kind: int, body: bytes) -> bytes:
    """A block with its length at both ends."""
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def option(code: int, value: bytes) -> bytes:
    """One option, padded to four bytes."""
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def text_option(code: int, text: str) -> bytes:
    """The same for text; what is too long is cut between two characters."""
    data = text.encode()
    if len(data) > OPTION_LIMIT:
        data = data[: OPTION_LIMIT - 3].decode(errors="ignore").encode() + "…".encode()
    return option(code, data)


def options(parts: Iterable[bytes]) -> bytes:
    """The list with its end mark; nothing where there are none."""
    body = b"".join(parts)
    return body + bytes(4) if body else b""


def section_header(comment: str) -> bytes:
    """The first block of a file; its length is left open."""
    words = [
        (OPT_COMMENT, comment), (SHB_HARDWARE, "emulated"), (SHB_OS, "pknet"),
        (SHB_APPLICATION, "pknet"),
    ]  # fmt: skip
    body = struct.pack("<IHHq", BYTE_ORDER, 1, 0, -1)
    return block(SECTION_HEADER, body + options(text_option(*word) for word in words if word[1]))


def interface_block(interface: InterfaceDescription) -> bytes:
    """Name, description, nanosecond times."""
    body = struct.pack("<HHI", interface.linktype, 0, SNAPLEN)
    return block(INTERFACE, body + options([
        text_option(IF_NAME, interface.name),
        text_option(IF_DESCRIPTION, interface.description),
        option(IF_TSRESOL, b"\x09"),
    ]))  # fmt: skip


def name_block(names: Iterable[tuple[str, str]]) -> bytes:
    """Addresses and what they are called (shown by ``tshark -N n``)."""
    records = [
        option(NRB_IPV4, IPv4Address(address).packed + name.encode() + b"\0")
        for address, name in names
    ]
    return block(NAME_RESOLUTION, b"".join(records) + bytes(4))


def packet_block(
    interface: int,
    time_ns: int,
    wire: bytes,
    direction: str | None,
    packet: int,
    comments: Sequence[str],
) -> bytes:
    """One frame at one interface."""
    head = struct.pack("<IIIII", interface, time_ns >> 32, time_ns & 0xFFFFFFFF, len(wire),
                       len(wire))  # fmt: skip
    parts = [text_option(OPT_COMMENT, comment) for comment in comments]
    if direction in DIRECTIONS:
        parts.append(option(EPB_FLAGS, struct.pack("<I", DIRECTIONS[direction])))
    parts.append(option(EPB_PACKETID, struct.pack("<Q", packet)))
    return block(ENHANCED_PACKET, head + wire + bytes(-len(wire) % 4) + options(parts))


class PcapngWriter:
    """Writes to an open binary file; the caller closes it."""

    def __init__(
        self,
        file: BinaryIO,
        interfaces: Iterable[InterfaceDescription],
        names: Iterable[tuple[str, str]] = (),
        comment: str = "",
    ) -> None:
        self._write = file.write
        self._write(section_header(comment))
        for interface in interfaces:
            self._write(interface_block(interface))
        known = list(names)
        if known:
            self._write(name_block(known))

    def write_all(self, blocks: bytes | bytearray) -> None:
        """Whole blocks."""
        self._write(blocks)

    def write(
        self,
        interface: int,
        time_ns: int,
        wire: bytes,
        direction: str | None = None,
        packet: int = 0,
        comments: Sequence[str] = (),
    ) -> None:
        """One frame; ``interface`` counts from 0 in the order that was given."""
        self._write(packet_block(interface, time_ns, wire, direction, packet, comments))
