"""The trace as JSON lines, as the topology's documentation fixes them."""

from __future__ import annotations

import json

from report_helpers import Said, Story, echo_frame

from pknet.report.jsonl import lines
from pknet.trace import Delivered, Dropped, DropReason, Forked, Sent

FRAME = echo_frame("10.1.1.1", "10.1.2.1")


def parsed(story: Story) -> list[dict[str, object]]:
    return [json.loads(line) for line in lines(story.trace)]


def test_a_line_has_the_documented_keys_in_their_order():
    story = Story()
    story.visit("a1", 3, Sent("eth0"), ("eth0", "out", FRAME))
    (line,) = parsed(story)
    assert list(line) == [
        "time_ns", "packet", "node", "interface", "dir", "wire", "steps", "verdict", "reason",
    ]  # fmt: skip
    assert line == {
        "time_ns": 0, "packet": 3, "node": "a1", "interface": "eth0", "dir": "out",
        "wire": FRAME.wire.hex(), "steps": [], "verdict": "Sent", "reason": None,
    }  # fmt: skip


def test_the_verdict_stands_on_the_last_line_of_the_visit():
    story = Story()
    story.visit("r1", 1, Sent("eth1"), ("eth0", "in", FRAME), ("eth1", "out", FRAME))
    assert [line["verdict"] for line in parsed(story)] == [None, "Sent"]


def test_steps_stand_beside_the_frame_that_they_followed():
    story = Story()
    story.visit(
        "r1", 1, Sent("eth1"), ("eth0", "in", FRAME), Said("one"), Said("asked", detail=True),
        Said("two"), ("eth1", "out", FRAME), Said("three"),
    )  # fmt: skip
    assert [line["steps"] for line in parsed(story)] == [["one", "two"], ["three"]]


def test_a_fork_gives_the_reason_of_the_first_copy_that_died():
    story = Story()
    ends = Forked((Sent("p2"), Forked((Delivered("x"), Dropped(DropReason.OTHERHOST)))))
    story.visit("sw1", 1, ends, ("p1", "in", FRAME))
    (line,) = parsed(story)
    assert (line["verdict"], line["reason"]) == ("Forked", "OTHERHOST")


def test_a_death_that_no_interface_saw_has_a_line_without_a_direction():
    story = Story()
    story.visit("a1", 1, Dropped(DropReason.NEIGH_FAILED), ("", None, FRAME))
    (line,) = parsed(story)
    assert (line["dir"], line["verdict"], line["reason"]) == (None, "Dropped", "NEIGH_FAILED")
