"""SCTP (Linux: nf_conntrack_proto_sctp.c).

Law: each chunk moves the state by the table; the verification tag proves that the sender knows
the association (RFC 9260, section 8.5).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pknet.netns.conntrack import status
from pknet.netns.conntrack.connection import Connection, Direction, ProtocolState
from pknet.netns.conntrack.protocols.sctp_states import (
    NO_STATE_TIMEOUT,
    TABLE,
    TIMEOUT,
    Chunk,
    State,
)
from pknet.netns.conntrack.settings import Settings
from pknet.netns.conntrack.tracker import Answer, Arrival, Invalid
from pknet.wire.crc32c import crc32c

_HEADER = 12
_WRONG_TAG = "wrong SCTP verification tag"
_T_BIT = 1  # the tag is the receiver's: the sender has none (RFC 9260, section 8.5.1)

#: Chunks that check the tag in their own way, or not at all.
_OWN_TAG = frozenset(
    {Chunk.INIT, Chunk.SHUTDOWN_COMPLETE, Chunk.COOKIE_ECHO, Chunk.ABORT, Chunk.SHUTDOWN_ACK,
     Chunk.HEARTBEAT, Chunk.HEARTBEAT_ACK}
)  # fmt: skip
_HEARTBEATS = frozenset({Chunk.HEARTBEAT, Chunk.HEARTBEAT_ACK})
_ALONE = frozenset({Chunk.INIT, Chunk.INIT_ACK, Chunk.SHUTDOWN_COMPLETE})
_FIRST = frozenset({Chunk.COOKIE_ACK, Chunk.COOKIE_ECHO})
_NEVER_FIRST_SEEN = frozenset({Chunk.ABORT, Chunk.SHUTDOWN_COMPLETE, Chunk.COOKIE_ACK})


class SctpState(ProtocolState):
    """The state, and the tag that packets of each direction must bear."""

    __slots__ = ("init_seen", "last_dir", "state", "tag_failed", "tags")

    def __init__(self) -> None:
        self.state = State.NONE
        self.tags = [0, 0]
        self.init_seen = [False, False]  # by direction; both: the ends have called each other
        self.tag_failed = False  # a heartbeat came with a new tag: its answer may confirm it
        self.last_dir = Direction.ORIGINAL


class _Chunk(NamedTuple):
    type: int
    flags: int
    size: int
    value: bytes

    @property
    def init_tag(self) -> int | None:
        """The tag that an INIT or INIT-ACK asks for; None: it is cut short."""
        return int.from_bytes(self.value[:4], "big") if len(self.value) >= 16 else None


@dataclass(slots=True)
class _Walk:
    """One packet on its way through the table."""

    ct: Connection
    proto: SctpState
    tag: int
    direction: Direction
    types: set[int]
    keep_deadline: bool = False


def _chunks(payload: bytes) -> Iterator[_Chunk]:
    at = _HEADER
    while at + 4 <= len(payload):
        kind, flags, size = struct.unpack_from("!BBH", payload, at)
        yield _Chunk(kind, flags, size, payload[at + 4 :])
        if size == 0:
            return
        at += (size + 3) & ~3


def _sane(chunks: list[_Chunk]) -> bool:
    """Linux: do_basic_checks."""
    alone = False
    for count, chunk in enumerate(chunks):
        alone = alone or chunk.type in _ALONE
        if (count and (alone or chunk.type in _FIRST)) or not chunk.size:
            return False
    return bool(chunks)


class Sctp:
    """Chunks between two ports."""

    name = "sctp"
    allow_clash = False

    def __init__(self, settings: Settings) -> None:
        self._timeouts = {state: settings.timeout(name) for state, name in TIMEOUT.items()}
        self._timeouts[State.NONE] = NO_STATE_TIMEOUT

    def state(self, ct: Connection) -> str:
        """``ESTABLISHED``."""
        assert isinstance(ct.proto, SctpState)
        return ct.proto.state.name

    def packet(self, ct: Connection, arrival: Arrival, direction: Direction) -> Answer:
        """Linux: nf_conntrack_sctp_packet."""
        payload = arrival.payload
        if len(payload) < _HEADER:
            return Invalid("SCTP header cut short")
        if arrival.verify and _crc_is_wrong(payload):
            return Invalid("bad SCTP checksum")
        chunks = list(_chunks(payload))
        if not _sane(chunks):
            return Invalid("SCTP chunks that cannot stand together")
        tag = int.from_bytes(payload[4:8], "big")
        if not ct.status & status.CONFIRMED and not _first(ct, chunks, tag):
            return Invalid("no association begins with such a packet")
        proto = ct.proto
        assert isinstance(proto, SctpState)
        types = {chunk.type for chunk in chunks}
        walk = _Walk(ct, proto, tag, direction, types)
        led_to = _walk(walk, chunks)
        if isinstance(led_to, Invalid):
            return led_to
        if not walk.keep_deadline:
            ct.refresh(arrival.now, self._timeouts[led_to])
        return None


def _crc_is_wrong(payload: bytes) -> bool:
    bare = payload[:8] + bytes(4) + payload[12:]
    return crc32c(bare) != int.from_bytes(payload[8:12], "little")


def _first(ct: Connection, chunks: list[_Chunk], tag: int) -> bool:
    """Linux: sctp_new."""
    if any(chunk.type in _NEVER_FIRST_SEEN for chunk in chunks):
        return False
    if any(chunk.type not in TABLE[Direction.ORIGINAL] for chunk in chunks):
        return False  # DATA and the like begin nothing
    proto = SctpState()
    if chunks[0].type == Chunk.INIT:
        wanted = chunks[0].init_tag
        if tag or wanted is None:
            return False
        proto.tags[Direction.REPLY] = wanted
    types = {chunk.type for chunk in chunks}
    if Chunk.HEARTBEAT in types:
        proto.tags[Direction.ORIGINAL] = tag
    if Chunk.SHUTDOWN_ACK in types:
        proto.tags[Direction.REPLY] = tag  # it is answered under its own tag (section 8.4)
    ct.proto = proto
    return True


def _walk(walk: _Walk, chunks: list[_Chunk]) -> State | Invalid:
    """Take each chunk in turn; the state that they lead to."""
    proto = walk.proto
    if not walk.types & _OWN_TAG and walk.tag != proto.tags[walk.direction]:
        return Invalid(_WRONG_TAG)
    new = State.NONE
    for chunk in chunks:
        fits = _tag_fits(proto, chunk, walk.tag, walk.direction)
        if fits is False or (fits is None and (Chunk.DATA in walk.types or walk.keep_deadline)):
            return Invalid(_WRONG_TAG)
        if fits is None:
            proto.tag_failed, proto.last_dir, walk.keep_deadline = True, walk.direction, True
            continue
        moved = _moved(walk, chunk)
        if isinstance(moved, Invalid):
            return moved
        new = moved
    return new


def _moved(walk: _Walk, chunk: _Chunk) -> State | Invalid:
    """The state that ``chunk`` leads to."""
    ct, proto = walk.ct, walk.proto
    old = proto.state
    row = TABLE[walk.direction].get(chunk.type)
    new = old if row is None else row[old]
    if new is State.INVALID:
        return Invalid(f"SCTP {Chunk(chunk.type).name} in state {old.name}")
    if chunk.type in (Chunk.INIT, Chunk.INIT_ACK):
        refused = _asked_for(proto, chunk, walk.direction)
        if refused is not None:
            return refused
        if chunk.type == Chunk.INIT and new is old is State.CLOSED:
            # a repeated INIT must not keep an entry alive for ever
            walk.keep_deadline |= bool(ct.status & status.CONFIRMED)
    elif chunk.type == Chunk.COOKIE_ACK:
        proto.init_seen = [False, False]
    proto.state = new
    if new is State.ESTABLISHED and old is not new:
        ct.status |= status.ASSURED
    return new


def _asked_for(proto: SctpState, chunk: _Chunk, direction: Direction) -> Invalid | None:
    """Note the tag that an INIT or INIT-ACK asks for, if it may still be chosen.

    Where both ends have sent an INIT, an INIT-ACK must repeat the tag of its sender's own.
    """
    wanted, seen, other = chunk.init_tag, proto.init_seen, direction.other
    if wanted is None:
        return Invalid("SCTP INIT cut short")
    if chunk.type == Chunk.INIT:
        seen[direction], seen[other] = True, seen[other] and not seen[direction]
    else:
        known = proto.tags[other]
        collision = seen[direction] and seen[other]
        if known != wanted and (collision or (known and not seen[other])):
            return Invalid("an SCTP INIT-ACK that fits neither side's INIT")
    proto.tags[other] = wanted
    return None


def _tag_fits(proto: SctpState, chunk: _Chunk, tag: int, direction: Direction) -> bool | None:
    """Section 8.5.1. None: a heartbeat with a tag of its own, which its answer may confirm."""
    tags, kind = proto.tags, chunk.type
    if kind == Chunk.INIT:
        return tag == 0
    if kind in (Chunk.ABORT, Chunk.SHUTDOWN_COMPLETE):
        return tag == tags[direction.other if chunk.flags & _T_BIT else direction]
    if kind == Chunk.COOKIE_ECHO:
        return tag == tags[direction]
    if kind not in _HEARTBEATS:
        return True
    if tags[direction] == 0:
        tags[direction] = tag
    elif tag == tags[direction]:
        proto.tag_failed = False
    elif kind == Chunk.HEARTBEAT:
        return None
    elif not proto.tag_failed or proto.last_dir is direction:
        return False
    else:
        proto.tag_failed = False
        tags[direction], tags[direction.other] = tag, 0
    return True
