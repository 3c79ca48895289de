"""Conversations that no two stacks would have: drawn segments, most of them near what fits."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from random import Random

from conntrack_packets import chunk, init, sctp_step, tcp_step
from conntrack_told import Packet

_MASK = 0xFFFFFFFF
_OFF = (0, 0, 0, 0, 0, 0, 0, -1, 1, 5_000, -5_000, 100_000, -70_000)  # sequence numbers
_SYN_OPTIONS = (b"", b"\3\3\7\1", b"\4\2\1\1", b"\3\3\2\4\2\1\1\1")  # window scale, SACK
_CHUNKS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14)


def tcp_flows(seed: int, count: int) -> Iterator[Packet]:
    """``count`` conversations on ports of their own."""
    chance = Random(seed)
    for port in range(20_000, 20_000 + count):
        yield from _tcp_flow(chance, f"10.0.1.1:{port}", "10.0.2.1:80")


def _tcp_flow(chance: Random, client: str, server: str) -> Iterator[Packet]:
    expected = {client: 1_000, server: 5_000}
    for place in range(chance.randrange(2, 10)):
        src, dst = client, server
        if chance.random() < (0.5 if place else 0.1):
            src, dst = server, client
        flags = chance.choice(_likely_flags(chance, place))
        seq = expected[src] + chance.choice(_OFF)
        if "R" in flags and chance.random() < 0.2:
            seq = 0
        ack = expected[dst] + chance.choice(_OFF) if "A" in flags else 0
        data = bytes(chance.choice((0, 0, 1, 100, 1_200))) if flags in ("A", "PA") else b""
        options = chance.choice(_SYN_OPTIONS) if "S" in flags else _sack(chance, expected[dst])
        window = chance.choice((0, 1, 1_000, 1_000, 65_535))
        yield tcp_step(src, dst, flags, seq, ack, window, options, data)
        if seq == expected[src]:
            expected[src] += len(data) + ("S" in flags) + ("F" in flags)


def _likely_flags(chance: Random, place: int) -> tuple[str, ...]:
    if not place:
        return ("S", "S", "A")
    if chance.random() < 0.3:
        return ("SA", "A", "A", "FA")
    return ("S", "SA", "A", "FA", "R", "RA", "PA")


def _sack(chance: Random, expected: int) -> bytes:
    if chance.random() < 0.75:
        return b""
    low = expected + chance.choice((0, 100, 5_000))
    high = expected + chance.choice((200, 6_000))
    return b"\1\1\5\12" + struct.pack("!II", low & _MASK, high & _MASK)


def sctp_flows(seed: int, count: int) -> Iterator[Packet]:
    """The same for SCTP, where a verification tag must fit."""
    chance = Random(seed)
    for port in range(20_000, 20_000 + count):
        yield from _sctp_flow(chance, f"10.0.1.1:{port}", "10.0.2.1:80")


def _sctp_flow(chance: Random, client: str, server: str) -> Iterator[Packet]:
    tags = {client: 0xAAAA, server: 0xBBBB}
    for place in range(chance.randrange(2, 10)):
        src, dst = client, server
        if chance.random() < (0.5 if place else 0.1):
            src, dst = server, client
        kinds = [1] if not place and chance.random() < 0.8 else chance.choices(
            _CHUNKS, k=chance.choice((1, 1, 1, 2))
        )  # fmt: skip
        tag = 0 if 1 in kinds else chance.choice((tags[dst], tags[dst], tags[dst], tags[src], 7))
        yield sctp_step(src, dst, tag, *(_chunk(chance, kind, tags[src]) for kind in kinds))


def _chunk(chance: Random, kind: int, own_tag: int) -> bytes:
    if kind in (1, 2):
        return init(chance.choice((own_tag, own_tag, own_tag, 7)), kind)
    return chunk(kind, bytes(4 * chance.randrange(4)), chance.choice((0, 0, 1)))
