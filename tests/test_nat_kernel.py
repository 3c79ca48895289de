"""The real kernel translates the same packets, and expects the same replies."""

from __future__ import annotations

import re

import pytest
from conntrack_boxes import both, judged, needs_conntrack
from conntrack_packets import chunk, echo, init, other_step, sctp_step, tcp_step, udp_step
from conntrack_told import Told
from nat_random import RULES, conversations
from nat_stories import CLIENT, DNAT, MASQUERADE, POD, VIP, ends, handshake, translated

pytestmark = needs_conntrack


# --- destinations


def test_dnat_there_and_back() -> None:
    told = translated(
        *handshake(CLIENT, VIP, POD),
        udp_step(CLIENT, "10.0.9.9:53"),
        udp_step("10.0.2.1:5353", CLIENT),
        echo("10.0.1.1", "10.0.9.9", 5),
        echo("10.0.2.1", "10.0.1.1", 5, reply=True),
        sctp_step(CLIENT, VIP, 0, init(7)),
        sctp_step("10.0.2.1:3000", CLIENT, 7, init(9, 2)),
        sctp_step(CLIENT, VIP, 9, chunk(10)),
        rules=DNAT,
    )
    assert ends(told, 1) == [f"{VIP} > {CLIENT}"]


def test_dnat_to_ranges() -> None:
    rules = (
        "-A PREROUTING -d 10.0.9.9/32 -p tcp -j DNAT --to-destination 10.0.2.1-10.0.2.5:8080\n"
        "-A PREROUTING -d 10.0.9.8/32 -p udp -j DNAT --to-destination 10.0.2.1:7000-7001\n"
        "-A PREROUTING -d 10.0.9.7/32 -p udp -j DNAT --to-destination 10.0.2.1-10.0.2.9"
        " --persistent\n"
    )
    told = translated(
        *(tcp_step(f"10.0.1.{host}:40000", VIP, "S", 1) for host in range(1, 10)),
        *(udp_step(f"10.0.1.1:{port}", "10.0.9.8:1") for port in range(5000, 5004)),
        *(udp_step("10.0.1.1:9", f"10.0.9.8:{port}") for port in (7001, 7000)),
        *(udp_step(f"10.0.1.{host}:40000", "10.0.9.7:9") for host in range(1, 10)),
        rules=rules,
    )
    assert len({ends(told, number)[0].split(" > ")[1] for number in range(9)}) > 2


def test_redirect_takes_the_address_of_the_way_in() -> None:
    translated(
        udp_step(CLIENT, "10.0.2.7:53"),
        echo("10.0.1.1", "10.0.2.7", 3),
        rules="-A PREROUTING -p udp -j REDIRECT --to-ports 5353\n"
        "-A PREROUTING -p icmp -j REDIRECT\n",
    )


# --- sources


def test_masquerade_there_and_back() -> None:
    own = "10.0.2.254:40000"
    told = translated(
        *handshake(CLIENT, POD, POD, own),
        udp_step(CLIENT, POD),
        udp_step(POD, own),
        echo("10.0.1.1", "10.0.2.1", 5),
        echo("10.0.2.1", "10.0.2.254", 5, reply=True),
        other_step("10.0.1.1", "10.0.2.1", 50),
        other_step("10.0.2.1", "10.0.2.254", 50),
        rules=MASQUERADE,
    )
    assert ends(told, 1) == [f"{POD} > {CLIENT}"]


def test_masquerade_of_a_hairpin() -> None:
    translated(
        *handshake(CLIENT, VIP, "10.0.1.1:8080", "10.0.1.254:40000"),
        rules="-A PREROUTING -d 10.0.9.9/32 -p tcp -j DNAT --to-destination 10.0.1.1:8080\n"
        "-A POSTROUTING -s 10.0.1.1/32 -d 10.0.1.1/32 -j MASQUERADE\n",
    )


def test_snat_to_a_range_of_addresses() -> None:
    translated(
        *(udp_step(f"10.0.1.{host}:40000", f"10.0.2.{host}:{host}") for host in range(1, 10)),
        *(udp_step("10.0.1.1:40000", f"10.0.2.{host}:99") for host in range(1, 10)),
        rules="-A POSTROUTING -o server -j SNAT --to-source 10.0.3.1-10.0.3.200\n",
    )


def test_a_source_port_stays_as_long_as_replies_can_be_told_apart() -> None:
    told = translated(
        udp_step("10.0.1.1:40000", "10.0.2.1:53"),
        udp_step("10.0.1.2:40000", "10.0.2.2:53"),
        udp_step("10.0.1.2:40000", "10.0.2.1:54"),
        udp_step("10.0.1.1:40000", "10.0.2.3:53"),
        rules=MASQUERADE,
    )
    sources = {ends(told, number)[0].split(" > ")[0] for number in range(4)}
    assert sources == {"10.0.2.254:40000"}


def test_a_source_port_of_a_single_choice() -> None:
    """Where all ports are taken, the last is tried, and the clash kills the packet."""
    translated(
        udp_step("10.0.1.1:40000", "10.0.2.1:53"),
        udp_step("10.0.1.2:40000", "10.0.2.1:53"),
        udp_step("10.0.1.3:40000", "10.0.2.2:53"),
        tcp_step("10.0.1.1:40000", "10.0.2.1:53", "S", 1),
        tcp_step("10.0.1.2:40000", "10.0.2.1:53", "S", 1),
        tcp_step("10.0.1.2:40000", "10.0.2.1:53", "S", 1),
        rules="-A POSTROUTING -p udp -j SNAT --to-source 10.0.2.254:6000\n"
        "-A POSTROUTING -p tcp -j SNAT --to-source 10.0.2.254:6000\n",
    )


def test_without_ports_the_second_flow_to_one_tuple_dies() -> None:
    told = translated(
        other_step("10.0.1.1", "10.0.2.1", 50),
        other_step("10.0.1.1", "10.0.9.9", 50),
        other_step("10.0.1.2", "10.0.2.1", 50),
        other_step("10.0.1.1", "10.0.2.1", 50),
        rules="-A PREROUTING -d 10.0.9.9/32 -j DNAT --to-destination 10.0.2.1\n",
    )
    assert [len(one) for one in told.sent] == [1, 0, 1, 1]


@pytest.mark.parametrize("port", [9, 700, 40_000])
def test_a_port_that_is_taken_is_drawn_anew(port: int) -> None:
    """The kernel draws: only the range is the same."""
    story = [
        udp_step("10.0.2.1:5353", f"10.0.1.1:{port}"),
        udp_step(f"10.0.1.1:{port}", "10.0.9.9:53"),
        udp_step("10.0.1.2:40000", "10.0.2.3:9"),
        udp_step("10.0.1.1:40000", "10.0.2.3:9"),
    ]
    rules = f"*nat\n{DNAT}-A POSTROUTING -d 10.0.2.3/32 -j MASQUERADE\nCOMMIT\n"
    ours, theirs = both(*story, rules=rules)
    assert blurred(ours, port) == blurred(theirs, port)


def blurred(told: Told, *known: int) -> list[str]:
    """The connections, with its range in the place of a port that no packet named."""

    def shown(found: re.Match[str]) -> str:
        port = int(found[1])
        if port in (*known, 53, 5353, 9, 40_000):
            return found[0]
        return "port=" + ("1-511" if port < 512 else "600-1023" if port < 1024 else "1024-65535")

    return sorted(re.sub(r"port=(\d+)", shown, line) for line in told.connections)


# --- null bindings, and packets in the middle


def test_a_connection_that_no_rule_wants_stays_as_it_is() -> None:
    translated(
        *handshake(CLIENT, POD, POD),
        udp_step(CLIENT, POD),
        udp_step(POD, CLIENT),
        other_step("10.0.1.1", "10.0.2.1", 50),
        rules=DNAT,
    )


def test_what_is_invalid_is_not_translated() -> None:
    syn, syn_ack, *rest = handshake(CLIENT, VIP, POD)
    wild = tcp_step(POD, CLIENT, "PA", 900_000_000, 101, payload=b"x")
    rules = "\n".join(["*nat", DNAT.strip(), "COMMIT", ""])
    told = judged(syn, syn_ack, *rest, wild, rules=rules)
    assert ends(told, 4) == [f"{POD} > {CLIENT}"]


@pytest.mark.parametrize("seed", [1, 2])
def test_conversations_through_every_kind_of_translation(seed: int) -> None:
    told = judged(*conversations(seed, 800), rules=RULES)
    assert sum(map(len, told.sent)) > 500
