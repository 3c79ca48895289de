"""The real kernel tracks the same packets, and lists the same connections afterwards."""

from __future__ import annotations

import pytest
from conntrack_boxes import RULES, judged, needs_conntrack, tracked
from conntrack_packets import (
    CLIENT,
    SERVER,
    echo,
    error_step,
    icmp_step,
    other_step,
    tcp_step,
    udp_step,
)

pytestmark = needs_conntrack

# --- what switches tracking on


@pytest.mark.parametrize(
    ("rules", "tracks"),
    [
        ("*nat\nCOMMIT", False),
        ("*nat\n:U - [0:0]\nCOMMIT", False),
        ("*nat\n-A POSTROUTING -j ACCEPT\nCOMMIT", False),
        ("*nat\n-A POSTROUTING -j MARK --set-xmark 0x1/0x1\nCOMMIT", False),
        ("*nat\n:U - [0:0]\n-A U -p tcp -j DNAT --to-destination 10.0.2.1\nCOMMIT", True),
        ("*nat\n-A POSTROUTING -p tcp -j MASQUERADE\nCOMMIT", True),
        ("*nat\n-A PREROUTING -p tcp -j REDIRECT\nCOMMIT", True),
        ("*nat\n-A POSTROUTING -m conntrack --ctstate NEW -j ACCEPT\nCOMMIT", True),
        ("*filter\n-A FORWARD -p udp -j ACCEPT\nCOMMIT", False),
        ("*filter\n:U - [0:0]\n-A U -m conntrack --ctstate NEW\nCOMMIT", True),
        ("*raw\n-A PREROUTING -p tcp -j CT --notrack\nCOMMIT", False),
        ("*raw\n-A PREROUTING -p udp -j CT --notrack\nCOMMIT", False),
        ("*raw\n-A PREROUTING -p tcp -j NOTRACK\nCOMMIT", False),
    ],
)
def test_rules_that_need_tracking_switch_it_on(rules: str, tracks: bool) -> None:
    assert bool(judged(udp_step(), rules=f"{rules}\n").connections) is tracks


def test_where_another_rule_tracks_a_nat_table_of_accepts_is_walked() -> None:
    told = judged(udp_step(), rules=f"*nat\n-A POSTROUTING -j ACCEPT\nCOMMIT\n{RULES}")
    assert "[1:33] -A POSTROUTING -j ACCEPT" in told.counters


# --- UDP, ICMP, and the rest


def test_udp_is_unreplied_then_replied_then_a_stream() -> None:
    ask, answer = udp_step(), udp_step(SERVER, CLIENT)
    other = udp_step("10.0.1.2:5000", "10.0.2.1:53")
    told = tracked(other, ask, answer, ask, 2.1, ask, answer)
    assert [line.count("[ASSURED]") for line in told.connections] == [1, 0]


def test_udp_lengths_that_cannot_be() -> None:
    header = bytes.fromhex("9c40 0050")
    tracked(*(
        other_step("10.0.1.1", "10.0.2.1", 17, header + length.to_bytes(2, "big") + bytes(2 + more))
        for length, more in ((8, 0), (9, 0), (7, 0), (12, 4), (8, 4), (0, 4))
    ))  # fmt: skip


def test_icmp_queries_are_told_apart_by_id() -> None:
    a, b = "10.0.1.1", "10.0.2.1"
    told = tracked(
        echo(a, b, 1), echo(b, a, 1, reply=True), echo(a, b, 2), echo(b, a, 3, reply=True),
        echo(a, b, 1, seq=2), echo(b, a, 1),
        *(icmp_step(a, b, kind, 0, kind << 16) for kind in range(20)),
        *(icmp_step(b, a, kind, 0, kind + 1 << 16) for kind in (14, 16, 18)),
    )  # fmt: skip
    assert len(told.connections) > 4


def test_icmp_errors_are_related_to_what_they_quote() -> None:
    ask, answer = udp_step(), udp_step(SERVER, CLIENT)
    ping = echo("10.0.1.1", "10.0.2.1", 7)
    syn = tcp_step(CLIENT, SERVER, "S", 100)
    stranger = udp_step("10.0.1.3:9", "10.0.2.3:9")
    told = tracked(
        ask, error_step("10.0.2.1", ask, 3, 3), error_step("10.0.2.9", ask, 11, 0),
        answer, error_step("10.0.1.1", answer, 3, 3),
        ping, error_step("10.0.2.9", ping), syn, error_step("10.0.2.9", syn, 3, 4, 28, 1400),
        error_step("10.0.2.1", stranger), error_step("10.0.2.1", ask, 3, 3, 27),
        error_step("10.0.2.1", ask, 3, 3, 20), error_step("10.0.2.1", ask, 3, 3, 12),
        error_step("10.0.2.1", ask, 12, 0), error_step("10.0.2.1", ask, 4, 0),
        error_step("10.0.2.1", ask, 19, 0),
    )  # fmt: skip
    assert any("RELATED" in rule and not rule.startswith("[0:") for rule in told.counters)


def test_an_icmp_error_that_goes_elsewhere_is_invalid() -> None:
    ask = udp_step()
    error = error_step("10.0.2.1", ask, 3, 3)
    stray = icmp_step("10.0.2.1", "10.0.1.2", 3, 3, 0, error[1][28:])
    assert list(map(len, tracked(ask, stray, error).sent)) == [1, 0, 1]


def test_protocols_without_a_tracker() -> None:
    a, b = "10.0.1.1", "10.0.2.1"
    asks = [other_step(a, b, protocol) for protocol in (2, 4, 33, 50, 51, 89, 200)]
    tracked(*asks, *(other_step(b, a, protocol) for protocol in (33, 50)))


def test_gre_is_told_apart_by_pptp_call_ids() -> None:
    a, b = "10.0.1.1", "10.0.2.1"
    heads = ("", "0000", "00000800", "2000080001020304", "3001880b00080009", "3001880800080009")
    asks = [other_step(a, b, 47, bytes.fromhex(head)) for head in heads]
    answers = [other_step(b, a, 47, bytes.fromhex(head)) for head in (*heads, "3001880b00080000")]
    tracked(*asks, *answers)


def test_what_a_rule_drops_leaves_nothing_behind() -> None:
    """So the answer begins a connection of its own, and the question then is its reply."""
    guard = "*mangle\n-A FORWARD -s 10.0.1.1/32 -p udp -m conntrack --ctstate NEW -j DROP\nCOMMIT\n"
    ask, answer = udp_step(), udp_step(SERVER, CLIENT)
    told = judged(ask, ask, answer, ask, answer, rules=guard + RULES)
    assert [len(one) for one in told.sent] == [0, 0, 1, 1, 1]
