"""What a program is told where the node itself does not send: the kernel's own errno."""

from __future__ import annotations

from pathlib import Path

import pytest
from kernel_backend import differences, needs_kernel, pair, play

from pknet.lab.lab import Lab
from pknet.lab.result import ItemResult
from pknet.topology.load import load_text

PING = "{ping: 10.0.0.255, from: a1}"
STREAM = "{ping: 10.0.0.255, from: a1, count: 2}"


def results(text: str) -> list[ItemResult]:
    return Lab(load_text(text, Path("test.yaml"))).run()


def outcome(item: str, **nodes: str) -> str:
    (result,) = results(pair(item, **nodes))
    return result.summary


def test_pings_to_everyone_are_refused_one_or_many() -> None:
    assert outcome(PING) == "not sent: permission denied"
    assert outcome(STREAM) == "0 sent, 0 answered, 0 lost, 2 not sent: permission denied"


def refused(protocol: str, table: str, chain: str, target: str, more: str = "") -> str:
    """The keys of a node with one rule."""
    rule = f"-A {chain} -d 10.0.0.2 -p {protocol} -j {target}"
    return f'iptables: "*{table}\\n{rule}\\nCOMMIT\\n"{more}'


SENDERS = {
    "icmp": ["{ping: 10.0.0.2, from: a1}", "{send: 'IP(dst=\"10.0.0.2\")/ICMP(id=3)', from: a1}",
             "{ping: 10.0.0.2, from: a1, count: 2}"],
    "udp": ['{udp: "10.0.0.2:53", from: a1, payload: x}',
            '{udp: "10.0.0.2:53", from: a1, payload: x, count: 2}',
            '{udp: "10.0.0.2:53", from: a1, payload: x, count: 2, sport: new}'],
}  # fmt: skip
ELSEWHERE = "DNAT --to-destination 192.168.77.1"
ROUTE = ', routes: ["{} 192.168.77.0/24"]'
RULES = {
    "dropped": ("filter", "OUTPUT", "DROP", ""),
    "rejected": ("filter", "OUTPUT", "REJECT", ""),
    "dropped after the route": ("mangle", "POSTROUTING", "DROP", ""),
    "sent where no route leads": ("nat", "OUTPUT", ELSEWHERE, ""),
    "unreachable": ("nat", "OUTPUT", ELSEWHERE, ROUTE.format("unreachable")),
    "prohibit": ("nat", "OUTPUT", ELSEWHERE, ROUTE.format("prohibit")),
    "blackhole": ("nat", "OUTPUT", ELSEWHERE, ROUTE.format("blackhole")),
}
CASES = [(rule, p, item) for rule in RULES for p, items in SENDERS.items() for item in items]
TIGHT = 'routes: ["10.9.0.0/16 via 10.0.0.2 mtu 1000"]'
BIG = "{ping: 10.9.0.1, from: a1, size: 1200}"
DOWN = """{send: 'Ether()/IP(src="10.0.0.1", dst="10.0.0.2")/ICMP()', from: "a1:eth0"}"""


def down() -> str:
    return pair(DOWN).replace("[10.0.0.1/24]", "[10.0.0.1/24], up: false")


def test_what_a_rule_drops_on_its_way_out_was_not_sent() -> None:
    a1 = refused("udp", "filter", "OUTPUT", "DROP")
    one, many, ports = SENDERS["udp"]
    assert outcome(one, a1=a1) == "not sent: operation not permitted"
    counted = "0 sent, 0 answered, 0 lost, 2 not sent: operation not permitted"
    assert outcome(many, a1=a1) == outcome(ports, a1=a1) == counted


def test_what_a_rule_sends_where_no_route_leads_was_not_sent() -> None:
    a1 = refused("udp", "nat", "OUTPUT", ELSEWHERE)
    assert outcome(SENDERS["udp"][0], a1=a1) == "not sent: network is unreachable"


def test_an_expectation_may_be_about_what_was_not_sent() -> None:
    expected = "expect: {dropped: a1, reason: NETFILTER_DROP}, from:"
    for protocol in SENDERS:
        for item in SENDERS[protocol]:
            rule = refused(protocol, "filter", "OUTPUT", "DROP")
            (result,) = results(pair(item.replace("from:", expected), a1=rule))
            assert result.failure is None


def test_an_icmp_error_about_what_was_not_sent_ends_no_other_wait() -> None:
    """The first datagram is rejected here, the second is answered."""
    once = "-m statistic --mode nth --every 3 --packet 0 -j REJECT"
    a1 = f'iptables: "*filter\\n-A OUTPUT -p udp --dport 53 {once}\\nCOMMIT\\n"'
    b1 = "listen: [{udp: 53, reply: pong}]"
    item = '{udp: "10.0.0.2:53", from: a1, payload: x, count: 3, rate: 10000/s}'
    said = outcome(item, a1=a1, b1=b1)
    assert said.startswith("2 sent, 2 answered, 0 lost")
    assert "1 not sent: operation not permitted" in said


def test_a_connection_is_tried_again_whatever_a_rule_says() -> None:
    rule = refused("tcp", "filter", "OUTPUT", "DROP")
    item = '{tcp: "10.0.0.2:53", from: a1, payload: x}'
    assert outcome(item, a1=rule) == "not connected, timed out"


def test_a_frame_is_not_sent_from_an_interface_that_is_down() -> None:
    (result,) = results(down())
    assert result.summary == "not sent: network is down"


class TestLinux:
    """The judge."""

    pytestmark = needs_kernel

    @pytest.mark.parametrize("item", [PING, STREAM])
    def test_sends_no_ping_to_everyone(self, item: str) -> None:
        assert differences(pair(item)) == ""
        (said,) = play(pair(item)).results
        assert "EACCES" in said

    @pytest.mark.parametrize(("rule", "protocol", "item"), CASES)
    def test_tells_the_program_the_same(self, rule: str, protocol: str, item: str) -> None:
        table, chain, target, more = RULES[rule]
        a1 = refused(protocol, table, chain, target, more)
        (told,) = results(pair(item, a1=a1))
        assert play(pair(item, a1=a1)).results == [told.told]
        assert "not sent" in told.summary

    @pytest.mark.parametrize("protocol", SENDERS)
    def test_goes_on_after_what_was_not_sent(self, protocol: str) -> None:
        """A stream counts it, as ping(8) does, and sends the next one."""
        once = "-m statistic --mode nth --every 3 --packet 1 -j REJECT"
        a1 = f'iptables: "*filter\\n-A OUTPUT -d 10.0.0.2 -p {protocol} {once}\\nCOMMIT\\n"'
        b1 = "listen: [{udp: 53, reply: pong}]"
        for item in SENDERS[protocol]:
            if "count" in item:
                text = pair(item.replace("count: 2", "count: 4"), a1=a1, b1=b1)
                assert differences(text) == ""
                assert play(text).results == ["3 sent, 3 answered, 1 EPERM"]

    def test_says_so_of_what_is_too_long_for_its_route(self) -> None:
        assert differences(pair(BIG, a1=TIGHT)) == ""
        assert play(pair(BIG, a1=TIGHT)).results == ["EMSGSIZE"]

    def test_says_so_of_an_interface_that_is_down(self) -> None:
        assert play(down()).results == ["ENETDOWN"]
