"""The real kernel translates the same packets, and expects the same replies."""

from __future__ import annotations

import re
import shutil

import pytest
from conntrack_boxes import Step, Told, both, judged
from conntrack_packets import (
    chunk,
    echo,
    error_step,
    init,
    other_step,
    sctp_step,
    tcp_step,
    udp_step,
)
from kernel_backend import needs_kernel

from pknet.netns.conntrack.tuples import read
from pknet.wire import ipv4
from pknet.wire.address import ip_int
from pknet.wire.ipv4 import Ipv4
from pknet.wire.rewrite import rewrite

pytestmark = [
    *needs_kernel,
    pytest.mark.skipif(shutil.which("conntrack") is None, reason="needs iptables and conntrack"),
]

CLIENT = "10.0.1.1:40000"
VIP = "10.0.9.9:80"
POD = "10.0.2.1:8080"


def translated(*story: Step, rules: str, more: str = "") -> Told:
    """Both translate ``story`` alike by the nat table's ``rules``; INVALID dies."""
    nat = "\n".join(["*nat", *rules.strip().splitlines(), "COMMIT", ""])
    guard = "*filter\n-A FORWARD -m conntrack --ctstate INVALID -j DROP\nCOMMIT\n"
    return judged(*story, rules=nat + guard + more)


def ends(told: Told, packet: int) -> list[str]:
    """Source and destination of what came out for packet number ``packet``."""
    return [str(read(data)) for _, data in told.sent[packet]]


def handshake(client: str, server: str, seen: str, port: str = "") -> list[Step]:
    """A TCP handshake towards ``server``; the answer comes from ``seen`` to ``port``."""
    return [
        tcp_step(client, server, "S", 100),
        tcp_step(seen, port or client, "SA", 500, 101),
        tcp_step(client, server, "A", 101, 501),
        tcp_step(client, server, "PA", 101, 501, payload=b"ping"),
    ]


# --- destinations

DNAT = f"""
-A PREROUTING -d 10.0.9.9/32 -p tcp -j DNAT --to-destination {POD}
-A PREROUTING -d 10.0.9.9/32 -p udp -m udp --dport 53 -j DNAT --to-destination 10.0.2.1:5353
-A PREROUTING -d 10.0.9.9/32 -p icmp -j DNAT --to-destination 10.0.2.1
-A PREROUTING -d 10.0.9.9/32 -p sctp -j DNAT --to-destination 10.0.2.1:3000
"""


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

MASQUERADE = "-A POSTROUTING -o server -j MASQUERADE\n"


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


# --- errors


def test_an_error_about_a_translated_packet_quotes_it_as_it_was_sent() -> None:
    seen = udp_step(CLIENT, "10.0.2.1:5353")
    told = translated(
        udp_step(CLIENT, "10.0.9.9:53"),
        error_step("10.0.2.1", seen, 3, 3),
        error_step("10.0.2.9", seen, 11, 0, 28),
        error_step("10.0.2.9", seen, 3, 4, 40, 1400),
        udp_step("10.0.2.1:5353", CLIENT),
        error_step("10.0.1.1", udp_step("10.0.9.9:53", CLIENT), 3, 3),
        rules=DNAT,
    )
    assert [len(one) for one in told.sent] == [1] * 6


def test_an_error_about_a_masqueraded_packet_finds_its_sender() -> None:
    own = "10.0.2.254"
    story: list[Step] = []
    for ask, seen, answer in (
        (udp_step(CLIENT, POD), udp_step(f"{own}:40000", POD), udp_step(POD, f"{own}:40000")),
        (tcp_step(CLIENT, POD, "S", 1), tcp_step(f"{own}:40000", POD, "S", 1), None),
        (echo("10.0.1.1", "10.0.2.1", 4), None, echo("10.0.2.1", own, 4, reply=True)),
        (sctp_step(CLIENT, POD, 0, init(7)), sctp_step(f"{own}:40000", POD, 0, init(7)), None),
    ):
        story.append(ask)
        if seen is not None:
            packet = "server", seen[1]  # type: ignore[index]
            story += [error_step("10.0.2.1", packet), error_step("10.0.2.8", packet, 11, 0, 28)]
        if answer is not None:
            story += [answer, error_step("10.0.1.1", ("client", answer_to(answer)), 3, 3)]
    translated(*story, rules=MASQUERADE)


def answer_to(step: Step) -> bytes:
    """``step`` as the client sees it, un-masqueraded."""
    assert isinstance(step, tuple)
    return rewrite(step[1], dst=ip_int("10.0.1.1"))


def test_redirects_of_translated_connections_die() -> None:
    seen = udp_step(CLIENT, "10.0.2.1:5353")
    plain = udp_step(CLIENT, "10.0.2.3:9")
    told = translated(
        udp_step(CLIENT, "10.0.9.9:53"),
        error_step("10.0.2.9", seen, 5, 1, rest=0x0A000209),
        plain,
        error_step("10.0.2.9", plain, 5, 1, rest=0x0A000209),
        rules=DNAT,
    )
    assert [len(one) for one in told.sent] == [1, 0, 1, 1]


# --- what the router itself has to say


def test_errors_that_the_router_sends_quote_the_packet_as_it_came() -> None:
    last = [
        with_ttl(udp_step(CLIENT, "10.0.9.9:53"), 1),
        with_ttl(tcp_step(CLIENT, VIP, "S", 1), 1),
        with_ttl(echo("10.0.1.1", "10.0.9.9", 3), 1),
    ]
    nowhere = udp_step(CLIENT, "10.0.8.1:9")
    rules = DNAT + "-A PREROUTING -d 10.0.8.1/32 -j DNAT --to-destination 10.0.7.7\n"
    translated(nowhere, *last, rules=rules + MASQUERADE)


def test_a_late_packet_of_a_masqueraded_connection_expires_for_its_sender() -> None:
    answer = with_ttl(udp_step(POD, "10.0.2.254:40000"), 1)
    told = translated(udp_step(CLIENT, POD), answer, rules=MASQUERADE)
    assert [side for side, _ in told.sent[1]] == ["server"]


@pytest.mark.parametrize("kind", ["icmp-port-unreachable", "icmp-admin-prohibited", "tcp-reset"])
def test_a_translated_packet_that_is_rejected(kind: str) -> None:
    reject = f"*filter\n-A FORWARD -p tcp -m tcp --dport 8080 -j REJECT --reject-with {kind}\n"
    syn, *_ = handshake(CLIENT, VIP, POD)
    story = [syn, udp_step(CLIENT, "10.0.9.9:53"), syn]
    nat = f"*nat\n{DNAT}{MASQUERADE}COMMIT\n"
    told = judged(*story, rules=f"{nat}{reject}COMMIT\n")
    assert [side for side, _ in told.sent[0]] == ["client"]


def test_fragments_are_translated_as_one_packet() -> None:
    side, data = udp_step(CLIENT, "10.0.9.9:53", bytes(range(250)) * 8)  # type: ignore[misc]
    header, payload = Ipv4.parse(data), data[20:]
    pieces: list[Step] = []
    for start, end in ((0, 1000), (1000, 1480), (1480, len(payload))):
        word = start // 8 | (ipv4.MF if end < len(payload) else 0)
        piece = header._replace(length=20 + end - start, fragment=word)
        pieces.append((side, piece.emit() + payload[start:end]))
    for story in (pieces, [pieces[2], pieces[0], pieces[1]], pieces[:2]):
        translated(*story, rules=DNAT)


def test_local_services_are_reached_by_redirect_and_by_dnat() -> None:
    translated(
        echo("10.0.1.1", "10.0.9.9", 9),
        tcp_step(CLIENT, "10.0.9.9:22", "S", 77),
        tcp_step(CLIENT, "10.0.2.5:23", "S", 77),
        udp_step(CLIENT, "10.0.9.9:22"),
        rules="-A PREROUTING -d 10.0.9.9/32 -j DNAT --to-destination 10.0.1.254\n"
        "-A PREROUTING -p tcp -m tcp --dport 23 -j REDIRECT --to-ports 2323\n",
    )


def with_ttl(step: Step, ttl: int) -> Step:
    """The same packet with ``ttl`` hops to live."""
    assert isinstance(step, tuple)
    header = Ipv4.parse(step[1])
    return step[0], header._replace(ttl=ttl).emit() + step[1][20:]
