"""The real kernel translates the same ICMP errors and fragments, and says the same itself."""

from __future__ import annotations

import pytest
from conntrack_boxes import judged, needs_conntrack
from conntrack_packets import echo, error_step, init, sctp_step, tcp_step, udp_step
from conntrack_told import Packet
from nat_stories import CLIENT, DNAT, MASQUERADE, POD, VIP, handshake, translated

from pknet.wire import ipv4
from pknet.wire.address import ip_int
from pknet.wire.ipv4 import Ipv4
from pknet.wire.rewrite import rewrite

pytestmark = needs_conntrack


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
    story: list[Packet] = []
    for ask, seen, answer in (
        (udp_step(CLIENT, POD), udp_step(f"{own}:40000", POD), udp_step(POD, f"{own}:40000")),
        (tcp_step(CLIENT, POD, "S", 1), tcp_step(f"{own}:40000", POD, "S", 1), None),
        (echo("10.0.1.1", "10.0.2.1", 4), None, echo("10.0.2.1", own, 4, reply=True)),
        (sctp_step(CLIENT, POD, 0, init(7)), sctp_step(f"{own}:40000", POD, 0, init(7)), None),
    ):
        story.append(ask)
        if seen is not None:
            packet = "server", seen[1]
            story += [error_step("10.0.2.1", packet), error_step("10.0.2.8", packet, 11, 0, 28)]
        if answer is not None:
            story += [answer, error_step("10.0.1.1", ("client", answer_to(answer)), 3, 3)]
    translated(*story, rules=MASQUERADE)


def answer_to(step: Packet) -> bytes:
    """``step`` as the client sees it, un-masqueraded."""
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
    side, data = udp_step(CLIENT, "10.0.9.9:53", bytes(range(250)) * 8)
    header, payload = Ipv4.parse(data), data[20:]
    pieces: list[Packet] = []
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


def with_ttl(step: Packet, ttl: int) -> Packet:
    """The same packet with ``ttl`` hops to live."""
    header = Ipv4.parse(step[1])
    return step[0], header._replace(ttl=ttl).emit() + step[1][20:]
