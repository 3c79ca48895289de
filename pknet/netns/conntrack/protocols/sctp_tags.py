"""SCTP's verification tags: who asked for which, and whether a packet bears the right one.

Law: the tag proves that the sender knows the association (RFC 9260, section 8.5).
"""

from __future__ import annotations

from pknet.netns.conntrack import status
from pknet.netns.conntrack.connection import Connection, Direction, ProtocolState
from pknet.netns.conntrack.protocols.sctp_chunk import Chunk
from pknet.netns.conntrack.protocols.sctp_states import ChunkType, State
from pknet.netns.conntrack.tracker import Invalid

_T_BIT = 1  # the tag is the receiver's: the sender has none (RFC 9260, section 8.5.1)
_HEARTBEATS = frozenset({ChunkType.HEARTBEAT, ChunkType.HEARTBEAT_ACK})


class SctpState(ProtocolState):
    """The state, and the tag that packets of each direction must bear."""

    __slots__ = ("init_seen", "last_dir", "state", "tag_failed", "tags")

    def __init__(self) -> None:
        self.state = State.NONE
        self.tags = [0, 0]
        self.init_seen = [False, False]  # by direction; both: the ends have called each other
        self.tag_failed = False  # a heartbeat came with a new tag: its answer may confirm it
        self.last_dir = Direction.ORIGINAL


def ask_for(ct: Connection, proto: SctpState, chunk: Chunk, direction: Direction) -> Invalid | None:
    """Note the tag that an INIT or INIT-ACK asks for, if it may still be chosen.

    Where both ends have sent an INIT, an INIT-ACK must repeat the tag of its sender's own. An
    INIT with the tag that its sender has anyway restarts nothing: it is stale, or forged.
    """
    tags, seen = proto.tags, proto.init_seen
    own, other = direction, direction.other
    wanted, known = chunk.init_tag, tags[other]
    if wanted is None:
        return Invalid("SCTP INIT cut short")
    if chunk.type == ChunkType.INIT:
        if wanted != known or not ct.status & status.CONFIRMED:
            seen[own], seen[other] = True, seen[other] and not seen[own]
    elif known != wanted and ((seen[own] and seen[other]) or (known and not seen[other])):
        return Invalid("an SCTP INIT-ACK that fits neither side's INIT")
    tags[other] = wanted
    return None


def tag_fits(proto: SctpState, chunk: Chunk, tag: int, direction: Direction) -> bool | None:
    """Section 8.5.1. None: a heartbeat with a tag of its own, which its answer may confirm."""
    tags, kind = proto.tags, chunk.type
    if kind == ChunkType.INIT:
        return tag == 0
    if kind in (ChunkType.ABORT, ChunkType.SHUTDOWN_COMPLETE):
        return tag == tags[direction.other if chunk.flags & _T_BIT else direction]
    if kind == ChunkType.COOKIE_ECHO:
        return tag == tags[direction]
    if kind not in _HEARTBEATS:
        return True
    if tags[direction] == 0:
        tags[direction] = tag
    elif tag == tags[direction]:
        proto.tag_failed = False
    elif kind == ChunkType.HEARTBEAT:
        return None
    elif not proto.tag_failed or proto.last_dir is direction:
        return False
    else:
        proto.tag_failed = False
        tags[direction], tags[direction.other] = tag, 0
    return True
