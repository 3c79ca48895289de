"""The real kernel's SCTP tracker takes and refuses the same chunks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conntrack_boxes import needs_conntrack, tracked
from conntrack_packets import SERVER, chunk, init, sctp_step
from conntrack_random import sctp_flows
from conntrack_told import Packet

pytestmark = needs_conntrack

_Said = tuple[str, int, bytes]  # the side, the verification tag, the chunk

_A, _B = 0xAAAA, 0xBBBB  # the tags that the client and the server ask for
_SHUTDOWN = chunk(7, bytes(4))
_SETUP: list[_Said] = [
    ("c", 0, init(_A)), ("s", _A, init(_B, 2)), ("c", _B, chunk(10)), ("s", _A, chunk(11)),
]  # fmt: skip
#: What leads to each state.
_TO: dict[str, list[_Said]] = {
    "NONE": [],
    "CLOSED": _SETUP[:1],
    "COOKIE_WAIT": _SETUP[:2],
    "COOKIE_ECHOED": _SETUP[:3],
    "ESTABLISHED": _SETUP,
    "SHUTDOWN_SENT": [*_SETUP, ("c", _B, _SHUTDOWN)],
    "SHUTDOWN_RECD": [*_SETUP, ("s", _A, _SHUTDOWN)],
    "SHUTDOWN_ACK_SENT": [*_SETUP, ("c", _B, _SHUTDOWN), ("s", _A, chunk(8))],
    "HEARTBEAT_SENT": [("c", _B, chunk(4, bytes(8)))],
}


def _packets(port: int, said: list[_Said]) -> Iterator[Packet]:
    client = f"10.0.1.1:{port}"
    for side, tag, body in said:
        ends = (client, SERVER) if side == "c" else (SERVER, client)
        yield sctp_step(*ends, tag, body)


def _table() -> Iterator[Packet]:
    """Every state, and in it every kind of chunk from either side."""
    port = 20_000
    for way in _TO.values():
        for side, own, other in (("c", _A, _B), ("s", _B, _A)):
            for kind in range(16):
                body = init(own, kind) if kind in (1, 2) else chunk(kind, bytes(4))
                yield from _packets(port, [*way, (side, 0 if kind == 1 else other, body)])
                port += 1


def test_every_chunk_in_every_sctp_state() -> None:
    states = {line.split()[3] for line in tracked(*_table()).connections}
    assert states == set(_TO) - {"NONE"}


def test_chunks_and_tags_that_hardly_fit() -> None:
    told = tracked(*sctp_flows(3, 400))
    assert len({line.split()[3] for line in told.connections}) > 4


@pytest.mark.parametrize("way", _TO)
def test_an_init_of_either_side_calls_for_a_tag_that_fits(way: str) -> None:
    """An INIT with a new tag or the old one, and the other side's INIT-ACK to it."""
    port = 20_000
    story: list[Packet] = []
    for caller, own, called, other in (("c", _A, "s", _B), ("s", _B, "c", _A)):
        for tag in (own, 7):
            for answer in (other, 9):
                said = [(caller, 0, init(tag)), (called, tag, init(answer, 2))]
                story += _packets(port, [*_TO[way], *said])
                port += 1
    tracked(*story)
