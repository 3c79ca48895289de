"""What pytest prints when an assertion about a flow fails; each test runs a pytest of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

HERE = Path(__file__).parent

MAKE_FLOW = """
from report_helpers import Story, echo_frame
from pknet.lab.check import ipv4
from pknet.lab.flow import Flow
from pknet.trace import Dropped, DropReason, Sent

def make_flow(number=7):
    story = Story()
    frame = echo_frame("10.1.1.1", "10.1.2.1")
    story.visit("a1", number, Sent("eth0"), ("eth0", "out", frame))
    why = Dropped(DropReason.IP_INNOROUTES, "no route to 10.1.2.1")
    story.visit("r1", number, why, ("eth0", "in", frame))
    return Flow(story.trace, number, 0)
"""


@pytest.fixture
def fails(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """Run a test body that must fail; the lines that pytest prints of it."""
    monkeypatch.syspath_prepend(HERE)

    def run(body: str, make: str = MAKE_FLOW) -> list[str]:
        indented = "\n".join(f"    {line}" for line in body.splitlines())
        pytester.makepyfile(f"{make}\ndef test_it():\n{indented}\n")
        result = pytester.runpytest("-p", "no:cacheprovider")
        result.assert_outcomes(failed=1)
        return [line.removeprefix("E").strip() for line in result.outlines if line[:2] == "E "]

    return run


def test_a_false_answer_prints_why_and_the_packets_trace(fails):
    lines = fails("flow = make_flow()\nassert flow.delivered_to('b1')")
    assert (
        "assert <not delivered to b1; r1: DROPPED IP_INNOROUTES: no route to 10.1.2.1>"
        in (lines[0])
    )
    assert "trace of packet #7:" in lines
    assert any("r1:eth0 in  10.1.1.1 > 10.1.2.1" in line for line in lines)


def test_a_flow_without_a_name_is_found_all_the_same(fails):
    assert "trace of packet #7:" in fails("assert make_flow().delivered_to('b1')")


def test_a_comparison_prints_the_trace_of_the_flow_beside_it(fails):
    lines = fails("flow = make_flow()\nassert flow.rewrites == ['node-a: DNAT']")
    assert "trace of packet #7:" in lines


def test_a_failed_look_up_prints_the_trace_too(fails):
    lines = fails("flow = make_flow()\nflow.at('node-a:eth0')")
    assert "trace of packet #7:" in lines


WATCHED = """
from report_helpers import Story, arp_frame, echo_frame
from pknet.lab.check import icmp
from pknet.lab.flow import Port
from pknet.trace import Delivered, Sent

def make_port(packets=1):
    story = Story()
    story.visit("a", 90, Sent("eth0"), ("eth0", "out", arp_frame("10.0.0.1", "10.0.0.2")))
    story.visit("b", 90, Delivered("ARP"), ("eth0", "in", arp_frame("10.0.0.1", "10.0.0.2")))
    for number in range(1, packets + 1):
        frame = echo_frame("10.0.0.1", "10.0.0.2")
        story.visit("a", number, Sent("eth0"), ("eth0", "out", frame))
        story.visit("b", number, Delivered("ICMP"), ("eth0", "in", frame))
    return Port(story.trace, "b:eth0")
"""


@pytest.mark.parametrize(
    "body",
    ["make_port().expect_nothing(icmp())", "assert not make_port().saw(icmp())"],
)
def test_what_should_not_have_come_is_told_with_all_of_its_way(fails, body):
    lines = fails(body, WATCHED)
    assert [line for line in lines if line.startswith("trace of")] == ["trace of packet #1:"]
    assert any("a:eth0 out 10.0.0.1 > 10.0.0.2" in line for line in lines)


def test_each_packet_that_should_not_have_come_is_told_once(fails):
    lines = fails("make_port(2).expect_nothing()", WATCHED)
    told = [line for line in lines if line.startswith("trace of")]
    assert told == [f"trace of packet #{number}:" for number in (90, 1, 2)]


def test_of_many_that_should_not_have_come_the_first_are_told(fails):
    lines = fails("make_port(30).expect_nothing(icmp())", WATCHED)
    told = [line for line in lines if line.startswith("trace of")]
    assert told == [f"trace of packet #{number}:" for number in range(1, 6)]


def test_a_failed_match_prints_what_differs_and_the_trace(fails):
    lines = fails("flow = make_flow()\nassert flow.at('r1:eth0').matches(ipv4(ttl=63))")
    assert "at r1:eth0: ipv4.ttl is 64, not 63" in lines[0]
    assert lines.count("trace of packet #7:") == 1


def test_only_the_flow_that_was_asked_about_is_told(fails):
    body = "one, two = make_flow(1), make_flow(2)\nassert two.delivered_to('b1')"
    told = [line for line in fails(body) if line.startswith("trace of")]
    assert told == ["trace of packet #2:"]


HELD = """
from report_helpers import Story, arp_frame, echo_frame
from pknet.lab.flow import Flow
from pknet.trace import Dropped, DropReason, Held, Sent

def make_flow():
    story, question = Story(), arp_frame("10.0.0.1", "10.0.0.9")
    wait = Held("waits for the MAC of 10.0.0.9 on eth0")
    story.visit("a", 1, wait, ("", None, echo_frame("10.0.0.1", "10.0.0.9")))
    story.visit("a", 2, Sent("eth0"), ("eth0", "out", question))
    story.visit("b", 2, Dropped(DropReason.ARP_IGNORED), ("eth0", "in", question))
    return Flow(story.trace, 1, 0)
"""


@pytest.mark.parametrize("asked", ["flow.delivered_to('b')", "flow.path == ['b:eth0']"])
def test_of_a_packet_that_still_waits_it_is_told_what_became_of_the_question(fails, asked):
    lines = fails(f"flow = make_flow()\nassert {asked}", HELD)
    story = "\n".join(lines[lines.index("trace of packet #1:") :])
    assert "#1 +0.000 a      -   10.0.0.1 > 10.0.0.9  echo-request  ttl 64  HELD" in story
    assert "b:eth0 in  ARP  who has 10.0.0.9? tell 10.0.0.1  DROPPED ARP_IGNORED" in story


def test_an_assertion_about_something_else_is_left_alone(fails):
    assert not any("trace of" in line for line in fails("assert 1 == 2"))
