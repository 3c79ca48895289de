"""What an event asks for soon is a part of it."""

from __future__ import annotations

from pknet.sim import Clock


def test_soon_comes_before_what_waits_for_the_same_nanosecond() -> None:
    clock, seen = Clock(), []
    clock.after(1, lambda: (clock.soon(seen.append, "answer"), seen.append("question")))
    clock.after(1, seen.append, "next")
    clock.run(1)
    assert seen == ["question", "answer", "next"]


def test_what_is_asked_for_in_turn_comes_first() -> None:
    clock, seen = Clock(), []

    def first() -> None:
        seen.append("first")
        clock.soon(seen.append, "because of first")

    clock.soon(first)
    clock.soon(seen.append, "second")
    clock.run(0)
    assert seen == ["first", "because of first", "second"]


def test_what_was_cancelled_does_not_come() -> None:
    clock, seen = Clock(), []
    clock.soon(seen.append, "never").cancel()
    clock.run(0)
    assert seen == []
