"""The text of a trace, from traces made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_helpers import Item, Said, Story, arp_frame, echo_frame, tcp_frame

from pknet.lab.lab import Lab
from pknet.report.items import run_lines
from pknet.report.layout import Role, text_of
from pknet.report.text import tap_lines
from pknet.report.where import since
from pknet.trace import Delivered, Dropped, DropReason, Forked, Sent, Trace
from pknet.wire import tcp

DNAT = "DNAT 172.30.0.1:80 -> 10.1.2.1:8080"


def text(trace: Trace, width: int = 80, *, detail: bool = False) -> list[str]:
    return [text_of(line) for line in tap_lines(trace.taps, width, detail)]


def service_story() -> Story:
    """A SYN to a Service, across one node."""
    story = Story()
    before = tcp_frame("10.1.1.1", "172.30.0.1", 40000, 80, tcp.SYN)
    after = tcp_frame("10.1.1.1", "10.1.2.1", 40000, 8080, tcp.SYN, ttl=63)
    story.visit("a1", 7, Sent("eth0"), ("eth0", "out", before))
    story.visit(
        "node-a", 7, Sent("eth0"), ("vA1", "in", before),
        Said("PREROUTING nat KUBE-SERVICES: asked", detail=True),
        Said(f"PREROUTING nat KUBE-SVC-AAAAAAAAAAAAAAAA KUBE-SEP-BBBBBBBBBBBBBBBB: {DNAT}",
             rewrite=DNAT),
        ("eth0", "out", after),
    )  # fmt: skip
    story.visit("b1", 7, Delivered("TCP port 8080"), ("eth0", "in", after))
    return story


def test_a_hop_is_one_line_with_all_that_one_looks_for():
    lines = text(service_story().trace, 100)
    assert lines[0] == (
        " #7 +0.000 a1:eth0     out 10.1.1.1:40000 > 172.30.0.1:80  SYN  ttl 64  SENT"
    )
    assert lines[-1] == (
        " #7 +0.002 b1:eth0     in  10.1.1.1:40000 > 10.1.2.1:8080  SYN  ttl 63"
        "  DELIVERED: TCP port 8080"
    )


def test_dnat_is_told_where_it_happened_between_the_frames():
    lines = text(service_story().trace, 120)
    at = next(i for i, line in enumerate(lines) if DNAT in line)
    assert "node-a:vA1  in  10.1.1.1:40000 > 172.30.0.1:80" in lines[at - 1]
    assert "KUBE-SVC-AAAAAAAAAAAAAAAA KUBE-SEP-BBBBBBBBBBBBBBBB" in lines[at]
    assert "node-a:eth0 out 10.1.1.1:40000 > 10.1.2.1:8080" in lines[at + 1]


def test_tables_consulted_stand_in_the_detail_only():
    trace = service_story().trace
    assert not any("asked" in line for line in text(trace))
    assert any("asked" in line for line in text(trace, detail=True))


@pytest.mark.parametrize("width", [80, 100, 160])
def test_no_line_is_wider_than_the_screen(width):
    story = service_story()
    reason = "no route to 10.1.2.1: " + "and so on " * 20
    dropped = Dropped(DropReason.IP_INNOROUTES, reason)
    story.visit("r1", 31, dropped, ("eth0", "in", echo_frame("10.1.1.1", "10.1.2.1")))
    for line in text(story.trace, width, detail=True):
        assert len(line) <= width


def test_a_drop_says_its_reason_and_why_wherever_there_is_room():
    story = Story()
    dropped = Dropped(DropReason.IP_INNOROUTES, "no route to 10.1.2.1")
    story.visit("r1", 31, dropped, ("eth0", "in", echo_frame("10.1.1.1", "10.1.2.1", 63)))
    for width in (80, 120):
        told = " ".join(" ".join(text(story.trace, width)).split())
        assert told.endswith("ttl 63 DROPPED IP_INNOROUTES: no route to 10.1.2.1")


def test_a_drop_without_a_detail_says_the_reasons_own_sentence():
    story = Story()
    frame = echo_frame("10.1.1.1", "10.1.2.1")
    story.visit("r1", 1, Dropped(DropReason.NETFILTER_DROP), ("eth0", "in", frame))
    assert DropReason.NETFILTER_DROP.value in "\n".join(text(story.trace))


def test_a_death_that_no_interface_saw_stands_at_its_node():
    story = Story()
    frame = echo_frame("10.1.1.1", "10.1.2.1")
    story.visit("a1", 1, Dropped(DropReason.NEIGH_FAILED, "silence"), ("", None, frame))
    assert text(story.trace, 120)[0].startswith(" #1 +0.000 a1 -   10.1.1.1 > 10.1.2.1")


def test_the_verdict_stands_on_the_last_line_of_a_visit_only():
    lines = text(service_story().trace, 160)
    assert [("SENT" in line or "DELIVERED" in line) for line in lines] == [
        True, False, False, True, True,
    ]  # fmt: skip


def test_arp_is_quiet_even_where_a_bystander_drops_it():
    story = Story()
    ask = arp_frame("10.1.1.1", "10.1.1.254")
    copies = Forked((Sent("vA2"), Delivered("ARP")))
    story.visit("node-a", 1, copies, ("vA1", "in", ask), ("vA2", "out", ask))
    story.visit("a2", 1, Dropped(DropReason.ARP_IGNORED), ("eth0", "in", ask))
    lines = list(tap_lines(story.trace.taps, 80))
    assert {piece.role for line in lines for piece in line} == {Role.QUIET}
    assert "who has 10.1.1.254? tell 10.1.1.1" in text_of(lines[0])


def test_what_changed_since_the_last_interface_stands_out():
    lines = list(tap_lines(service_story().trace.taps, 120))
    marked = [text_of((p,)) for line in lines for p in line if p.role is Role.REWRITE]
    assert any(DNAT in piece for piece in marked)
    assert "10.1.1.1:40000 > 10.1.2.1:8080" in marked[-1]


OVERLAPPING = """
name: overlapping
nodes:
  a: {interfaces: {eth0: {addresses: [10.0.0.1/24]}}}
  b: {interfaces: {eth0: {addresses: [10.0.0.2/24]}}, listen: [{udp: 9, reply: late}]}
links:
  - {endpoints: [a:eth0, b:eth0], type: cable, delay: 40ms}
traffic:
  - {udp: "10.0.0.2:9", from: a, at: 0ms, payload: one}
  - {ping: 10.0.0.2, from: b, at: 0ms}
  - {udp: "10.0.0.2:9", from: a, at: 100ms, payload: two}
  - {ping: 10.0.0.2, from: a, at: 110ms}
"""


def test_every_frame_stands_under_its_own_item_where_items_overlap(tmp_path: Path):
    (tmp_path / "t.yaml").write_text(OVERLAPPING)
    lab = Lab.load(tmp_path / "t.yaml")
    lines = [text_of(line) for line in run_lines(lab.trace, lab.run(), 120)]
    _, *stories = "\n".join(lines).split("\n\n")
    assert [story.split()[0] for story in stories] == ["udp", "ping", "udp", "ping"]
    assert sum(story.count(" #") for story in stories) == len(lab.trace.taps)
    assert [("echo" in story, " 3 B" in story) for story in stories] == [
        (False, True), (True, False), (False, True), (True, False)
    ]  # fmt: skip
    assert all("+0.000" in story for story in stories)


def test_items_of_a_second_run_are_not_taken_for_the_first_ones(tmp_path: Path):
    (tmp_path / "t.yaml").write_text(OVERLAPPING)
    lab = Lab.load(tmp_path / "t.yaml")
    before = [result.number for result in lab.run()]
    known = len(lab.trace.taps)
    assert not set(before) & {result.number for result in lab.run()}
    lines = [text_of(line) for line in run_lines(lab.trace, lab.results, 120)]
    assert sum(" #" in line for line in lines[: lines.index("")]) == known + 1  # and the heading


def test_what_no_item_caused_comes_before_them():
    story = service_story()
    items = [Item(1, "first", "done"), Item(2, "second", "done")]
    lines = [text_of(line) for line in run_lines(story.trace, items, 120)]
    assert sum("#7" in line for line in lines[: lines.index("")]) == len(story.trace.taps)


def test_an_items_outcome_stands_at_the_right_margin_and_its_failure_below():
    items = [Item(1, "ping a1 -> 10.1.2.1", "no answer", "expected an echo-reply")]
    lines = [text_of(line) for line in run_lines(Trace(), items, 80)]
    assert lines[1] == "ping a1 -> 10.1.2.1" + "no answer".rjust(80 - len("ping a1 -> 10.1.2.1"))
    assert lines[2] == "  FAILED: expected an echo-reply"


def test_long_names_keep_their_own_line_readable():
    story = Story()
    name = "kind-control-plane-worker-number-17"
    frame = tcp_frame("192.168.100.101", "192.168.100.102", 40000, 30080, tcp.SYN)
    story.visit(name, 123456, Sent("eth0"), ("veth0123456789a", "out", frame))
    assert text(story.trace) == [
        f" #123456 +0.000 {name}:veth0123456789a out",
        " " * 26 + "192.168.100.101:40000 > 192.168.100.102:30080 SYN",
        " " * 26 + "ttl 64",
    ]


@pytest.mark.parametrize("width", [40, 80, 100, 160])
def test_a_drop_shows_its_reason_however_little_room_there_is(width):
    story = Story()
    ask = arp_frame("192.168.100.101", "192.168.100.102")
    story.visit("a2", 1, Dropped(DropReason.ARP_IGNORED, "not ours"), ("eth0", "in", ask))
    taken = Delivered("ARP: 192.168.100.101 is told of 192.168.100.102")
    story.visit("node-with-a-name", 1, taken, ("interface", "in", ask))
    told = " ".join(" ".join(text(story.trace, width)).split())
    assert "DROPPED ARP_IGNORED" in told
    assert "DELIVERED" in told


def test_sent_stands_at_every_visit_that_it_ended_or_at_none():
    story = Story()
    story.visit("a1", 1, Sent("eth0"), ("eth0", "out", arp_frame("10.1.1.1", "10.1.1.2")))
    frame = tcp_frame("10.1.1.1", "100.100.100.100", 40000, 8080, tcp.SYN | tcp.ACK)
    story.visit("a1", 2, Sent("eth0"), ("eth0", "out", frame))
    told = {width: "\n".join(text(story.trace, width)).count("SENT") for width in (80, 99, 100)}
    assert told == {80: 0, 99: 0, 100: 2}


@pytest.mark.parametrize(
    ("time", "told"), [(400, "+0.000"), (999, "+0.001"), (1499, "+0.001"), (1_000_501, "+1.001")]
)
def test_times_are_told_to_the_nearest_microsecond(time, told):
    assert since(5000 + time, 5000) == told
