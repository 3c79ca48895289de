"""How often a station is told, against the figures of net/ipv4/route.c."""

from __future__ import annotations

from pknet.netns.peers import ERROR_BURST, ERROR_COST, Peers
from pknet.sim import Clock
from pknet.sim.clock import MILLISECOND, SECOND

SENDER = 0x0A000001


def test_a_burst_and_then_once_a_second() -> None:
    clock = Clock()
    peers = Peers(clock)
    told = [peers.may_hear_of_no_way(SENDER) for _ in range(ERROR_BURST // ERROR_COST + 1)]
    assert told == [True] * 5 + [False]
    clock.run(1 * SECOND)
    assert peers.may_hear_of_no_way(SENDER)
    assert not peers.may_hear_of_no_way(SENDER)
    assert peers.may_hear_of_no_way(SENDER + 1)


def test_another_error_takes_all_there_is() -> None:
    clock = Clock()
    peers = Peers(clock)
    peers.told(SENDER)
    clock.run(50 * MILLISECOND)
    assert not peers.may_hear_of_no_way(SENDER)


def test_redirects_come_at_ever_longer_intervals() -> None:
    clock = Clock()
    peers = Peers(clock)
    sent = []
    for time in range(0, 2000, 10):
        clock.run(time * MILLISECOND)
        if peers.may_be_redirected(SENDER):
            sent.append(time)
    assert sent == [0, 50, 140, 310, 640, 1290]
