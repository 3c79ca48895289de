"""One named field of a frame, and what about it may differ from run to run."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from pknet.wire.checksum import checksum

Flow = tuple[int, ...]


class Kind(Enum):
    """How two values of a field are to be held against each other."""

    FIXED = auto()
    IP_ID = auto()  # the kernel's own choice, unless somebody gave it
    SEQUENCE = auto()  # counted from a random initial number, one for each direction of a flow
    CHECKSUM = auto()
    TIMESTAMP = auto()
    TIME_OF_DAY = auto()  # by the machine's own clock; midnight is 0
    PORT = auto()  # may be an ephemeral one
    #: A tunnel's source port: a hash of the flow inside, keyed with a secret of the machine's; for
    #: a TCP socket's own segments a random number of the socket's (sk_txhash), drawn anew when
    #: the connection is made or a segment is lost. So one flow may have several.
    FLOW_HASH = auto()


class Field(NamedTuple):
    """``scope`` says within what an id or a sequence number means anything.

    ``covers`` is the range of bytes that a checksum sums, and ``residue`` what that sum comes to,
    the checksum itself included: 0 where it is right. ``earlier`` is what it came to before the
    last time was written into its bytes, where there are times in them.
    """

    name: str
    at: int
    value: int | bytes
    kind: Kind = Kind.FIXED
    text: str = ""
    scope: Flow = ()
    covers: range = range(0)
    residue: int = 0
    earlier: int | None = None


def payload(wire: bytes, start: int, end: int, prefix: str) -> Iterator[Field]:
    """The bytes that nothing more is known of, if there are any."""
    if end > start:
        yield Field(f"{prefix}payload", start, wire[start:end], text=wire[start:end].hex())


def summed(
    name: str, at: int, stored: int, wire: bytes, covers: range, pseudo: bytes = b""
) -> Field:
    """A checksum, over the bytes that it covers and the pseudo header.

    One that sums the pseudo header alone was still to be written when an error quoted it (Linux:
    CHECKSUM_PARTIAL): it covers nothing.
    """
    if pseudo and stored == 0xFFFF - checksum(pseudo):
        return Field(name, at, stored, Kind.CHECKSUM, f"{stored:#06x}, unwritten")
    residue = checksum(pseudo + wire[covers.start : covers.stop])
    return Field(name, at, stored, Kind.CHECKSUM, f"{stored:#06x}", covers=covers, residue=residue)
