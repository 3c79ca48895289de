"""SCTP (Linux: nf_conntrack_proto_sctp.c).

Law: each chunk moves the state by the table, if the packet bears the right tag (sctp_tags).
"""

from __future__ import annotations

from dataclasses import dataclass

from pknet.netns.conntrack import status
from pknet.netns.conntrack.connection import Connection, Direction
from pknet.netns.conntrack.protocols.sctp_chunk import (
    HEADER,
    Chunk,
    chunks_of,
    crc_is_wrong,
    sane,
)
from pknet.netns.conntrack.protocols.sctp_states import (
    NO_STATE_TIMEOUT,
    TABLE,
    TIMEOUT,
    ChunkType,
    State,
)
from pknet.netns.conntrack.protocols.sctp_tags import SctpState, ask_for, tag_fits
from pknet.netns.conntrack.settings import Settings
from pknet.netns.conntrack.tracker import Answer, Arrival, Invalid

_WRONG_TAG = "wrong SCTP verification tag"

#: Chunks that check the tag in their own way, or not at all.
_OWN_TAG = frozenset(
    {ChunkType.INIT, ChunkType.SHUTDOWN_COMPLETE, ChunkType.COOKIE_ECHO, ChunkType.ABORT,
     ChunkType.SHUTDOWN_ACK, ChunkType.HEARTBEAT, ChunkType.HEARTBEAT_ACK}
)  # fmt: skip
_NEVER_FIRST_SEEN = frozenset({ChunkType.ABORT, ChunkType.SHUTDOWN_COMPLETE, ChunkType.COOKIE_ACK})


@dataclass(slots=True)
class _Walk:
    """One packet on its way through the table."""

    ct: Connection
    proto: SctpState
    tag: int
    direction: Direction
    types: set[int]
    keep_deadline: bool = False


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
        if len(payload) < HEADER:
            return Invalid("SCTP header cut short")
        if arrival.verify and crc_is_wrong(payload):
            return Invalid("bad SCTP checksum")
        chunks = list(chunks_of(payload))
        if not sane(chunks):
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


def _first(ct: Connection, chunks: list[Chunk], tag: int) -> bool:
    """Linux: sctp_new."""
    if any(chunk.type in _NEVER_FIRST_SEEN for chunk in chunks):
        return False
    if any(chunk.type not in TABLE[Direction.ORIGINAL] for chunk in chunks):
        return False  # DATA and the like begin nothing
    proto = SctpState()
    if chunks[0].type == ChunkType.INIT:
        wanted = chunks[0].init_tag
        if tag or wanted is None:
            return False
        proto.tags[Direction.REPLY] = wanted
    types = {chunk.type for chunk in chunks}
    if ChunkType.HEARTBEAT in types:
        proto.tags[Direction.ORIGINAL] = tag
    if ChunkType.SHUTDOWN_ACK in types:
        proto.tags[Direction.REPLY] = tag  # it is answered under its own tag (section 8.4)
    ct.proto = proto
    return True


def _walk(walk: _Walk, chunks: list[Chunk]) -> State | Invalid:
    """Take each chunk in turn; the state that they lead to."""
    proto = walk.proto
    if not walk.types & _OWN_TAG and walk.tag != proto.tags[walk.direction]:
        return Invalid(_WRONG_TAG)
    new = State.NONE
    for chunk in chunks:
        fits = tag_fits(proto, chunk, walk.tag, walk.direction)
        if fits is False or (fits is None and (ChunkType.DATA in walk.types or walk.keep_deadline)):
            return Invalid(_WRONG_TAG)
        if fits is None:
            proto.tag_failed, proto.last_dir, walk.keep_deadline = True, walk.direction, True
            continue
        moved = _moved(walk, chunk)
        if isinstance(moved, Invalid):
            return moved
        new = moved
    return new


def _moved(walk: _Walk, chunk: Chunk) -> State | Invalid:
    """The state that ``chunk`` leads to."""
    ct, proto = walk.ct, walk.proto
    old = proto.state
    row = TABLE[walk.direction].get(chunk.type)
    new = old if row is None else row[old]
    if new is State.INVALID:
        return Invalid(f"SCTP {ChunkType(chunk.type).name} in state {old.name}")
    if chunk.type in (ChunkType.INIT, ChunkType.INIT_ACK):
        refused = ask_for(ct, proto, chunk, walk.direction)
        if refused is not None:
            return refused
        if chunk.type == ChunkType.INIT and new is old is State.CLOSED:
            # a repeated INIT must not keep an entry alive for ever
            walk.keep_deadline |= bool(ct.status & status.CONFIRMED)
    elif chunk.type == ChunkType.COOKIE_ACK:
        proto.init_seen = [False, False]
    proto.state = new
    if new is State.ESTABLISHED and old is not new:
        ct.status |= status.ASSURED
    return new
