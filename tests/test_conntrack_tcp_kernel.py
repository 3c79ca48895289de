"""The real kernel's TCP tracker takes and refuses the same segments."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conntrack_boxes import needs_conntrack, tracked
from conntrack_packets import SERVER, other_step, tcp_step
from conntrack_random import tcp_flows
from conntrack_told import Packet

pytestmark = needs_conntrack

#: The segments that lead to each state: side, flags, and the numbers that fit.
_SYN = ("c", "S", 100, 0)
_SYN_ACK = ("s", "SA", 500, 101)
_ACK = ("c", "A", 101, 501)
_FIN = ("c", "FA", 101, 501)
_TO = {
    "NONE": [],
    "SYN_SENT": [_SYN],
    "SYN_SENT2": [_SYN, ("s", "S", 500, 0)],
    "SYN_RECV": [_SYN, _SYN_ACK],
    "ESTABLISHED": [_SYN, _SYN_ACK, _ACK],
    "FIN_WAIT": [_SYN, _SYN_ACK, _ACK, _FIN],
    "CLOSE_WAIT": [_SYN, _SYN_ACK, _ACK, _FIN, ("s", "A", 501, 102)],
    "LAST_ACK": [_SYN, _SYN_ACK, _ACK, _FIN, ("s", "FA", 501, 102)],
    "TIME_WAIT": [_SYN, _SYN_ACK, _ACK, _FIN, ("s", "FA", 501, 102), ("c", "A", 102, 502)],
    "CLOSE": [_SYN, _SYN_ACK, _ACK, ("c", "RA", 101, 501)],
}
_KINDS = ("S", "SA", "FA", "A", "RA", "R", "F", ".", "SF", "AU")


def _segment(port: int, side: str, flags: str, seq: int, ack: int) -> Packet:
    client = f"10.0.1.1:{port}"
    ends = (client, SERVER) if side == "c" else (SERVER, client)
    return tcp_step(*ends, flags, seq, ack)


def _table() -> Iterator[Packet]:
    """Every state, and in it every kind of segment from either side."""
    port = 20_000
    for way in _TO.values():
        for side in "cs":
            for flags in _KINDS:
                seq = 102 if side == "c" else 502
                last = (side, flags, seq, 604 - seq if "A" in flags else 0)
                yield from (_segment(port, *each) for each in (*way, last))
                port += 1


def test_every_segment_in_every_tcp_state() -> None:
    states = {line.split()[3] for line in tracked(*_table()).connections}
    assert states == set(_TO) - {"NONE"}


@pytest.mark.parametrize(
    "sysctls",
    [
        {},
        {"tcp_loose": 0},
        {"tcp_be_liberal": 1},
        {"tcp_ignore_invalid_rst": 1},
        {"tcp_max_retrans": 1},
    ],
    ids=str,
)
def test_tcp_segments_that_hardly_fit(sysctls: dict[str, int]) -> None:
    told = tracked(*tcp_flows(1, 300), **sysctls)
    assert sum(map(len, told.sent)) < len(told.sent)


def test_a_wrong_checksum_is_invalid_unless_nobody_looks() -> None:
    side, data = _segment(20_000, *_SYN)
    wrong = side, data[:-4] + bytes([data[-4] ^ 1]) + data[-3:]
    assert tracked(wrong).sent == [[]]
    assert len(tracked(wrong, checksum=0).sent[0]) == 1


def test_segments_cut_short_are_invalid() -> None:
    tracked(*(other_step("10.0.1.1", "10.0.2.1", 6, bytes(range(n))) for n in (0, 4, 8, 19, 20)))
