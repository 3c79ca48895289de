"""When items play, and which frames their expectations are about."""

from __future__ import annotations

import pytest

from pknet.lab.lab import Lab

NETWORK = """
name: items
nodes:
  a1: {interfaces: {eth0: {addresses: [10.0.0.1/24]}}}
  b1: {interfaces: {eth0: {addresses: [10.0.0.2/24]}}}
links:
  - {endpoints: [a1:eth0, b1:eth0], type: cable, delay: 1ms}
"""
PING = "{ping: 10.0.0.2, from: a1, expect: {delivered: b1}}"
ANOTHER = "{ping: 10.0.0.1, from: b1, id: 7, at: %s, expect: {delivered: a1}}"


def results(tmp_path, *items):
    file = tmp_path / "items.yaml"
    file.write_text(NETWORK + "traffic:\n" + "".join(f"  - {item}\n" for item in items))
    return Lab.load(file).run()


@pytest.mark.parametrize("traffic", ["", "traffic: []\n"])
def test_a_network_without_traffic_is_run_too(tmp_path, traffic):
    file = tmp_path / "items.yaml"
    file.write_text(NETWORK + traffic)
    assert Lab.load(file).run() == []


@pytest.mark.parametrize("begin", ["0ms", "1500us", "2500us", "20ms", "1s"])
def test_an_item_that_begins_meanwhile_does_not_end_an_expectation(tmp_path, begin):
    played = results(tmp_path, PING, ANOTHER % begin)
    assert [result.failure for result in played] == [None, None]


def test_an_expectation_is_not_about_what_the_next_item_did(tmp_path):
    send = "{send: 'Ether(dst=\"02:00:00:00:00:99\")', from: 'a1:eth0', expect: {delivered: b1}}"
    first, second = results(tmp_path, send, PING)
    assert first.failure is not None
    assert second.failure is None


REFUSING = NETWORK.replace(
    "[10.0.0.2/24]}}}",
    "[10.0.0.2/24]}}, listen: [{tcp: 80, reply: pong}, {udp: 53, reply: pong}], "
    'iptables: "*filter\\n-A INPUT -p tcp --dport 81 -j DROP\\n-A INPUT -p udp --dport 54 -j DROP'
    '\\nCOMMIT\\n"}',
)
DROPPED = {
    "tcp": '{tcp: "10.0.0.2:81", from: a1, payload: x, at: 0s, expect: {delivered: b1}}',
    "udp": '{udp: "10.0.0.2:54", from: a1, payload: x, at: 0s, expect: {delivered: b1}}',
    "many": '{udp: "10.0.0.2:54", from: a1, count: 2, at: 0s, expect: {delivered: b1}}',
    "ports": '{udp: "10.0.0.2:54", from: a1, count: 2, sport: new, at: 0s, '
    "expect: {delivered: b1}}",
}
ANSWERED = {
    "tcp": '{tcp: "10.0.0.2:80", from: a1, payload: x, at: 0ms, expect: {dropped: b1}}',
    "udp": '{udp: "10.0.0.2:53", from: a1, payload: x, at: 0ms, expect: {dropped: b1}}',
    "ping": "{ping: 10.0.0.2, from: a1, at: 0ms, count: 2, expect: {dropped: b1}}",
}


def refusing(tmp_path, *items):
    file = tmp_path / "refusing.yaml"
    file.write_text(REFUSING + "traffic:\n" + "".join(f"  - {item}\n" for item in items))
    return Lab.load(file).run()


@pytest.mark.parametrize("other", ANSWERED)
@pytest.mark.parametrize("one", DROPPED)
def test_an_expectation_is_about_the_item_s_own_packets(tmp_path, one, other):
    """Both wait for the same neighbour, whose answer sets both free."""
    for items in ([DROPPED[one], ANSWERED[other]], [ANSWERED[other], DROPPED[one]]):
        for result in refusing(tmp_path, *items):
            hoped = "delivered to b1" if result.item.expect.delivered else "dropped at b1"
            assert result.failure is not None
            assert result.failure.startswith(f"expected to be {hoped}; it was ")


def test_an_expectation_may_be_about_what_an_item_caused(tmp_path):
    """The answer dies at a1, where the rule is."""
    rule = 'iptables: "*filter\\n-A INPUT -p udp --sport 53 -j DROP\\nCOMMIT\\n"'
    text = REFUSING.replace("[10.0.0.1/24]}}}", "[10.0.0.1/24]}}, " + rule + "}")
    file = tmp_path / "answer.yaml"
    item = '{udp: "10.0.0.2:53", from: a1, payload: x, expect: {dropped: a1}}'
    file.write_text(f"{text}traffic:\n  - {item}\n")
    (result,) = Lab.load(file).run()
    assert result.failure is None


def test_a_reply_to_another_item_is_no_reply(tmp_path):
    wanted = "expect: {reply: {icmp: [3, 3]}}"
    send = f"""{{send: 'IP(dst="10.0.0.2")/ICMP(id=9)', from: a1, at: 0ms, {wanted}}}"""
    closed = '{udp: "10.0.0.2:9", from: a1, payload: x, at: 0ms}'
    first, _ = refusing(tmp_path, send, closed)
    assert first.failure == "expected ICMP 3/3 port unreachable, got ICMP 0/0 from 10.0.0.2"


def test_a_packet_that_nobody_answered_got_no_reply(tmp_path):
    reset = """'IP(dst="10.0.0.2")/TCP(flags="R")'"""
    wanted = "{reply: {icmp: [3, 3]}}"
    (item,) = results(tmp_path, f"{{send: {reset}, from: a1, expect: {wanted}}}")
    assert item.failure == "expected ICMP 3/3 port unreachable, got none"
