"""What Wireshark shows beside a frame."""

from __future__ import annotations

from report_helpers import Said, Story, echo_frame

from pknet.report.comments import comments
from pknet.trace import Dropped, DropReason, Sent

FRAME = echo_frame("10.1.1.1", "10.1.2.1")


def test_a_frame_tells_what_was_done_and_the_last_one_how_it_ended():
    story = Story()
    hop = story.visit(
        "r1", 1, Sent("eth1"), ("eth0", "in", FRAME), Said("one"), Said("asked", detail=True),
        Said("two"), ("eth1", "out", FRAME),
    )  # fmt: skip
    assert [comments(tap) for tap in hop.taps] == [["one", "two"], ["r1: SENT"]]


def test_a_drop_says_its_reason_and_why():
    story = Story()
    dropped = Dropped(DropReason.IP_INNOROUTES, "no route to 10.1.2.1")
    hop = story.visit("r1", 1, dropped, ("eth0", "in", FRAME))
    assert comments(hop.taps[0]) == ["r1: DROPPED IP_INNOROUTES: no route to 10.1.2.1"]
