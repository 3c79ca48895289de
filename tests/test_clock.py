"""Virtual time: what one event causes comes before whatever else is due."""

from __future__ import annotations

import pytest

from pknet.sim import Clock
from pknet.sim.clock import EventLimitError


def test_events_run_by_time_then_in_the_order_in_which_they_were_scheduled() -> None:
    clock, said = Clock(), []
    for delay, word in [(2, "c"), (1, "a"), (2, "d"), (1, "b")]:
        clock.after(delay, said.append, word)
    clock.run(10)
    assert said == ["a", "b", "c", "d"]
    assert clock.now == 10


def test_what_an_event_causes_at_once_comes_before_others_of_its_time() -> None:
    """As in a softirq: an answer leaves before the next packet is taken up."""
    clock, said = Clock(), []

    def say(word: str, *then: str) -> None:
        said.append(word)
        for each in then:
            clock.after(0, say, each, *((f"{each}!",) if len(each) == 1 else ()))

    clock.after(1, say, "a", "b", "c")
    clock.after(1, say, "other")
    clock.run(1)
    assert said == ["a", "b", "b!", "c", "c!", "other"]


def test_what_was_cancelled_never_runs() -> None:
    clock, said = Clock(), []
    clock.after(0, said.append, "now").cancel()
    clock.after(1, said.append, "later").cancel()
    clock.run(2)
    assert said == []


def test_the_past_is_refused_and_a_loop_ends() -> None:
    clock = Clock(limit=100)
    clock.run(5)
    with pytest.raises(ValueError, match="already 5 ns"):
        clock.at(4, print)

    def again() -> None:
        clock.after(0, again)

    again()
    with pytest.raises(EventLimitError, match="after 100 events"):
        clock.run(6)
