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


def test_a_packet_that_nobody_answered_got_no_reply(tmp_path):
    reset = """'IP(dst="10.0.0.2")/TCP(flags="R")'"""
    wanted = "{reply: {icmp: [3, 3]}}"
    (item,) = results(tmp_path, f"{{send: {reset}, from: a1, expect: {wanted}}}")
    assert item.failure == "expected ICMP 3/3 port unreachable, got none"
