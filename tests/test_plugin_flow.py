"""Questions about one packet's way, and their answers in words."""

from __future__ import annotations

import pytest
from report_helpers import Said, Story, arp_frame, echo_frame, tcp_frame

from pknet.lab.check import arp, icmp, ipv4, tcp
from pknet.lab.flow import Flow, Port
from pknet.trace import Delivered, Dropped, DropReason, Forked, Sent
from pknet.wire import icmp as wire_icmp
from pknet.wire import tcp as wire_tcp

DNAT = "DNAT 172.30.0.1:80 -> 10.1.2.1:8080"
BEFORE = tcp_frame("10.1.1.1", "172.30.0.1", 40000, 80, wire_tcp.SYN)
AFTER = tcp_frame("10.1.1.1", "10.1.2.1", 40000, 8080, wire_tcp.SYN, ttl=63)
BACK = tcp_frame("10.1.2.1", "10.1.1.1", 8080, 40000, wire_tcp.SYN | wire_tcp.ACK)


def story() -> Story:
    """Packet 1 goes a1 -> node-a -> b1; ARP (2), an answer (3) and another of a1's (4) follow."""
    story = Story()
    story.visit("a1", 1, Sent("eth0"), ("eth0", "out", BEFORE))
    story.visit(
        "node-a", 1, Sent("eth0"), ("vA1", "in", BEFORE), Said("table asked", detail=True),
        Said(f"PREROUTING nat KUBE-SVC-A KUBE-SEP-B: {DNAT}", rewrite=DNAT),
        ("eth0", "out", AFTER),
    )  # fmt: skip
    story.visit("b1", 2, Sent("eth0"), ("eth0", "out", arp_frame("10.1.2.1", "10.1.2.254")))
    story.visit("b1", 1, Delivered("TCP port 8080"), ("eth0", "in", AFTER))
    story.visit("b1", 3, Sent("eth0"), ("eth0", "out", BACK))
    story.visit("a1", 3, Delivered("TCP port 40000"), ("eth0", "in", BACK))
    story.visit("a1", 4, Sent("eth0"), ("eth0", "out", BEFORE))
    story.visit("a1", 2, Delivered("ARP"), ("eth0", "in", arp_frame("10.1.2.1", "10.1.2.254")))
    return story


@pytest.fixture
def flow() -> Flow:
    return Flow(story().trace, 1, 0)


def lost() -> Flow:
    told = Story()
    frame = echo_frame("10.1.1.1", "10.1.2.1")
    told.visit("a1", 1, Sent("eth0"), ("eth0", "out", frame))
    dropped = Dropped(DropReason.IP_INNOROUTES, "no route to 10.1.2.1")
    told.visit("r1", 1, dropped, ("eth0", "in", frame))
    return Flow(told.trace, 1, 0)


def test_a_flow_knows_where_it_was_delivered(flow):
    assert flow.delivered_to("b1")
    assert not flow.delivered_to("node-a")
    assert not flow.dropped_at("b1")
    assert flow.verdict == Delivered("TCP port 8080")


def test_a_copy_of_a_flood_counts_as_delivered():
    told = Story()
    ends = Forked((Dropped(DropReason.OTHERHOST), Forked((Sent("p2"), Delivered("ARP")))))
    told.visit("sw1", 1, ends, ("p1", "in", BEFORE))
    flow = Flow(told.trace, 1, 0)
    assert flow.delivered_to("sw1")
    assert flow.dropped_at("sw1", "OTHERHOST")


def test_what_did_not_arrive_says_what_became_of_it():
    assert repr(lost().delivered_to("b1")) == (
        "<not delivered to b1; r1: DROPPED IP_INNOROUTES: no route to 10.1.2.1>"
    )


def test_a_drop_is_found_by_node_and_by_reason():
    flow = lost()
    assert flow.dropped_at("r1")
    assert flow.dropped_at("r1", "IP_INNOROUTES")
    assert flow.dropped_at("r1", DropReason.IP_INNOROUTES)
    assert not flow.dropped_at("r1", "NETFILTER_DROP")
    assert not flow.dropped_at("a1")
    with pytest.raises(KeyError):
        flow.dropped_at("r1", "NO_SUCH_REASON")


def test_the_path_names_every_interface(flow):
    assert flow.path == ["a1:eth0", "node-a:vA1", "node-a:eth0", "b1:eth0"]


def test_rewrites_say_who_did_them(flow):
    assert flow.rewrites == [f"node-a: {DNAT}"]
    assert flow.hop("node-a").rewrites == [DNAT]


def test_the_detail_of_a_node_has_every_step(flow):
    detail = flow.hop("node-a").detail
    assert detail.splitlines() == [
        "table asked", f"PREROUTING nat KUBE-SVC-A KUBE-SEP-B: {DNAT}",
    ]  # fmt: skip


def test_a_packet_is_seen_as_it_was_at_each_interface(flow):
    assert flow.at("node-a:vA1").frame is BEFORE
    assert flow.at("node-a:eth0").frame is AFTER
    assert flow.at("node-a:eth0", direction="out").direction == "out"
    assert flow.at("b1:eth0").time > flow.at("a1:eth0").time


def test_an_interface_that_saw_nothing_names_those_that_did(flow):
    with pytest.raises(AssertionError, match=r"node-b:eth0 never saw packet #1; seen at: a1:eth0"):
        flow.at("node-b:eth0")
    with pytest.raises(AssertionError, match="node-a:eth0 never saw packet #1 in"):
        flow.at("node-a:eth0", direction="in")
    with pytest.raises(AssertionError, match="never came to b2, only to: a1, node-a, b1"):
        flow.hop("b2")


def test_replies_began_elsewhere_later_and_came_back(flow):
    assert [later.packet_id for later in flow.later] == [2, 3, 4]
    (reply,) = flow.replies
    assert reply.delivered_to("a1")
    assert reply.at("b1:eth0").frame is BACK


def test_what_follows_a_second_packet_is_no_reply_to_the_first():
    told = story()
    first = Flow(told.trace, 1, 0)
    told.visit("b1", 9, Sent("eth0"), ("eth0", "out", BACK))
    told.visit("a1", 9, Delivered("TCP port 40000"), ("eth0", "in", BACK))
    assert [reply.packet_id for reply in first.replies] == [3]


def test_checkers_are_put_together_and_name_every_difference(flow):
    seen = flow.at("node-a:eth0")
    assert seen.matches(ipv4(src="10.1.1.1", ttl=63), tcp(dport=8080, flags="S"))
    wrong = seen.matches(ipv4(ttl=64, dst="10.1.2.1"), tcp(dport=80, flags="SA"))
    assert not wrong
    assert wrong.words == (
        "at node-a:eth0: ipv4.ttl is 63, not 64; "
        "tcp.dport is 8080, not 80; tcp.flags is 'S', not 'SA'"
    )


def test_a_checker_of_another_protocol_says_that_there_is_none(flow):
    wrong = flow.at("a1:eth0").matches(icmp(type=8), arp(op="who-has"))
    assert wrong.words.endswith("there is no icmp header; there is no arp header")


def test_a_watched_port_tells_what_crossed_it_since():
    told = story()
    port = Port(told.trace, "b2:eth0").from_now_on()
    port.expect_nothing()
    told.visit("b2", 9, Delivered("ICMP"), ("eth0", "in", echo_frame("10.1.1.1", "10.1.2.2")))
    with pytest.raises(AssertionError, match=r"b2:eth0 saw 1 frame\(s\):\n.*echo-request"):
        port.expect_nothing()
    port.expect_nothing(tcp())
    assert port.saw(icmp(type=wire_icmp.ECHO_REQUEST), ipv4(dst="10.1.2.2"))
    assert not port.saw(icmp(type=wire_icmp.ECHO_REPLY))


def test_a_port_does_not_count_what_came_before_it_was_watched():
    told = story()
    assert len(Port(told.trace, "b1:eth0").seen) == 3
    assert Port(told.trace, "b1:eth0").from_now_on().seen == []
