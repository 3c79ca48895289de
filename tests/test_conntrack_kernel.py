"""The real kernel tracks the same packets, and lists the same connections afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from conntrack_boxes import Step, Told, judged
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
from conntrack_random import sctp_flows, tcp_flows
from kernel_backend import needs_kernel

from pknet.netns.sysctl_table import GLOBAL

pytestmark = [
    *needs_kernel,
    pytest.mark.skipif(shutil.which("conntrack") is None, reason="needs iptables and conntrack"),
]

#: INVALID dies; the other states are counted.
RULES = """*filter
-A FORWARD -m conntrack --ctstate INVALID -j DROP
-A FORWARD -m conntrack --ctstate NEW
-A FORWARD -m conntrack --ctstate ESTABLISHED
-A FORWARD -m conntrack --ctstate RELATED --ctdir ORIGINAL
-A FORWARD -m conntrack --ctstate RELATED --ctdir REPLY
COMMIT
"""


def tracked(*story: Step, **sysctls: int) -> Told:
    """Both track ``story`` alike; a keyword is a sysctl without ``nf_conntrack_``."""
    named = {f"net.netfilter.nf_conntrack_{name}": value for name, value in sysctls.items()}
    return judged(*story, rules=RULES, sysctls=named)


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


# --- TCP

#: The segments that lead to each state: side, flags, and the numbers that fit.
_SYN = ("c", "S", 100, 0)
_SYN_ACK = ("s", "SA", 500, 101)
_ACK = ("c", "A", 101, 501)
_FIN = ("c", "FA", 101, 501)
_TO = {
    "NONE": [],
    "SYN_SENT": [_SYN],
    "SYN_SENT2": [_SYN, ("s", "S", 500, 0)],
    "SYN_RECV": [_SYN, _SYN_ACK],
    "ESTABLISHED": [_SYN, _SYN_ACK, _ACK],
    "FIN_WAIT": [_SYN, _SYN_ACK, _ACK, _FIN],
    "CLOSE_WAIT": [_SYN, _SYN_ACK, _ACK, _FIN, ("s", "A", 501, 102)],
    "LAST_ACK": [_SYN, _SYN_ACK, _ACK, _FIN, ("s", "FA", 501, 102)],
    "TIME_WAIT": [_SYN, _SYN_ACK, _ACK, _FIN, ("s", "FA", 501, 102), ("c", "A", 102, 502)],
    "CLOSE": [_SYN, _SYN_ACK, _ACK, ("c", "RA", 101, 501)],
}
_KINDS = ("S", "SA", "FA", "A", "RA", "R", "F", ".", "SF", "AU")


def _segment(port: int, side: str, flags: str, seq: int, ack: int) -> Step:
    client = f"10.0.1.1:{port}"
    ends = (client, SERVER) if side == "c" else (SERVER, client)
    return tcp_step(*ends, flags, seq, ack)


def _table() -> Iterator[Step]:
    """Every state, and in it every kind of segment from either side."""
    port = 20_000
    for way in _TO.values():
        for side in "cs":
            for flags in _KINDS:
                seq = 102 if side == "c" else 502
                last = (side, flags, seq, 604 - seq if "A" in flags else 0)
                yield from (_segment(port, *each) for each in (*way, last))
                port += 1


def test_every_segment_in_every_tcp_state() -> None:
    states = {line.split()[3] for line in tracked(*_table()).connections}
    assert states == set(_TO) - {"NONE"}


@pytest.mark.parametrize(
    "sysctls",
    [
        {},
        {"tcp_loose": 0},
        {"tcp_be_liberal": 1},
        {"tcp_ignore_invalid_rst": 1},
        {"tcp_max_retrans": 1},
    ],
    ids=str,
)
def test_tcp_segments_that_hardly_fit(sysctls: dict[str, int]) -> None:
    told = tracked(*tcp_flows(1, 300), **sysctls)
    assert sum(map(len, told.sent)) < len(told.sent)


def test_a_wrong_checksum_is_invalid_unless_nobody_looks() -> None:
    side, data = _segment(20_000, *_SYN)  # type: ignore[misc]
    wrong = side, data[:-4] + bytes([data[-4] ^ 1]) + data[-3:]
    assert tracked(wrong).sent == [[]]
    assert len(tracked(wrong, checksum=0).sent[0]) == 1


def test_segments_cut_short_are_invalid() -> None:
    tracked(*(other_step("10.0.1.1", "10.0.2.1", 6, bytes(range(n))) for n in (0, 4, 8, 19, 20)))


# --- UDP, ICMP, SCTP, and the rest


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
    syn = _segment(20_000, *_SYN)
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
    stray = icmp_step("10.0.2.1", "10.0.1.2", 3, 3, 0, error[1][28:])  # type: ignore[index]
    assert list(map(len, tracked(ask, stray, error).sent)) == [1, 0, 1]


def test_sctp_chunks_and_tags() -> None:
    told = tracked(*sctp_flows(3, 400))
    assert len({line.split()[3] for line in told.connections}) > 4


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


# --- timeouts


def test_a_connection_is_forgotten_after_its_timeout() -> None:
    ask, answer = udp_step(), udp_step(SERVER, CLIENT)
    told = tracked(ask, 1.3, ask, 0.5, answer, ask, 1.3, answer, udp_timeout=1)
    assert told.counters == [
        "[0:0] -A FORWARD -m conntrack --ctstate INVALID -j DROP",
        "[0:0] -A FORWARD -m conntrack --ctstate RELATED --ctdir ORIGINAL",
        "[0:0] -A FORWARD -m conntrack --ctstate RELATED --ctdir REPLY",
        "[2:66] -A FORWARD -m conntrack --ctstate ESTABLISHED",
        "[3:99] -A FORWARD -m conntrack --ctstate NEW",
    ]


def test_every_timeout_is_the_one_that_its_sysctl_says() -> None:
    names = [name for name in GLOBAL if name.startswith("net.netfilter.nf_conntrack_")]
    timeouts = [name.partition("nf_conntrack_")[2] for name in names if "timeout" in name]
    sysctls = {name: 1000 * place for place, name in enumerate(timeouts, 1)}
    a, b = "10.0.1.1", "10.0.2.1"
    gre = [other_step(a, b, 47), other_step(a, "10.0.2.2", 47), other_step(b, a, 47)]
    rest = [udp_step(), echo(a, b, 1), *gre, other_step(a, b, 50)]
    told = tracked(*_table(), *sctp_flows(3, 200), *rest, **sysctls)
    assert len({line.split()[2] for line in told.connections}) > 15
