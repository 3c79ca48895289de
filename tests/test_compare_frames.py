"""Two recordings: what may differ between them, and what may not."""

from __future__ import annotations

import pytest

from pknet.kernel.capture import Captured
from pknet.kernel.compare import Difference, compare
from pknet.kernel.given import Given
from pknet.wire import arp, icmp, ipv4, tcp, udp, vxlan
from pknet.wire.address import BROADCAST_MAC, ip_int
from pknet.wire.ethernet import ETH_P_ARP, ETH_P_IP, Ethernet
from pknet.wire.rewrite import pseudo_summed

A, B = ip_int("10.1.1.1"), ip_int("10.1.2.1")
A_MAC, B_MAC = bytes.fromhex("020000000101"), bytes.fromhex("020000000201")
PLACE = ("A", "eth0")


def frame(packet: bytes) -> bytes:
    return Ethernet(B_MAC, A_MAC, ETH_P_IP).emit() + packet


def echo(
    *, ident: int = 7, ttl: int = 64, kind: int = icmp.ECHO_REQUEST, data: bytes = b"ab"
) -> bytes:
    message = icmp.build(kind, 0, 1 << 16 | 1, data)
    return frame(ipv4.build(ipv4.ICMP, A, B, message, ident=ident, ttl=ttl))


def segment(
    seq: int,
    ack: int,
    *,
    flags: int = tcp.ACK,
    ident: int = 7,
    back: bool = False,
    window: int = 63,
) -> bytes:
    (src, sport), (dst, dport) = ((B, 80), (A, 40000)) if back else ((A, 40000), (B, 80))
    body = tcp.build(src, dst, sport, dport, seq, ack, flags, window)
    return frame(ipv4.build(ipv4.TCP, src, dst, body, ident=ident))


def datagram(sport: int, *, ident: int = 7, data: bytes = b"x") -> bytes:
    return frame(ipv4.build(ipv4.UDP, A, B, udp.build(A, B, sport, 53, data), ident=ident))


def differences(
    left: list[bytes], right: list[bytes], given: Given | None = None
) -> list[Difference]:
    one, other = ({PLACE: [Captured(0, None, wire) for wire in side]} for side in (left, right))
    return compare(one, other, given)


def first_field(left: list[bytes], right: list[bytes], given: Given | None = None) -> str | None:
    found = differences(left, right, given)
    return found[0].field if found else None


def patched(wire: bytes, at: int, new: bytes) -> bytes:
    return wire[:at] + new + wire[at + len(new) :]


def test_equal_recordings_have_no_difference() -> None:
    frames = [echo(), segment(1, 0), datagram(5000)]
    assert differences(frames, frames) == []


@pytest.mark.parametrize(
    ("other", "field"),
    [
        (echo(ttl=63), "ip.ttl"),
        (echo(data=b"ac"), "payload"),
        (echo(kind=icmp.ECHO_REPLY), "icmp.type"),
        (patched(echo(), 6, B_MAC), "eth.src"),
        (patched(echo(), 12, b"\x88\xb5"), "eth.type"),
        (patched(echo(), 18, b"\x00\x09"), "ip.checksum"),
        (patched(echo(), 24, b"\x00\x00"), "ip.checksum"),
        (echo() + b"\0", "padding.payload"),
        (datagram(5000), "ip.length"),
    ],
)
def test_any_other_difference_is_named_by_its_first_field(other: bytes, field: str) -> None:
    assert first_field([echo()], [other]) == field


def test_arp_is_compared_to_the_byte() -> None:
    def asking(target: int) -> bytes:
        packet = arp.Arp(arp.REQUEST, A_MAC, A, bytes(6), target)
        return Ethernet(BROADCAST_MAC, A_MAC, ETH_P_ARP).emit() + packet.emit()

    assert first_field([asking(B)], [asking(B + 1)]) == "arp.target_ip"


def test_an_ip_id_may_differ_but_must_stay_with_its_packet() -> None:
    assert differences([echo(ident=7), echo(ident=8)], [echo(ident=70), echo(ident=80)]) == []
    assert first_field([echo(ident=7), echo(ident=7)], [echo(ident=70), echo(ident=80)]) == "ip.id"
    assert first_field([echo(ident=7), echo(ident=8)], [echo(ident=70), echo(ident=70)]) == "ip.id"


def test_an_ip_id_keeps_its_partner_on_every_interface() -> None:
    def recording(first: int, second: int) -> dict[tuple[str, str], list[Captured]]:
        return {
            ("A", "eth0"): [Captured(0, None, echo(ident=first))],
            ("B", "eth0"): [Captured(0, None, echo(ident=second))],
        }

    assert compare(recording(7, 7), recording(70, 70)) == []
    (found,) = compare(recording(7, 7), recording(70, 71))
    assert (found.place, found.field) == (("B", "eth0"), "ip.id")


def test_an_ip_id_of_zero_is_no_choice() -> None:
    assert first_field([echo(ident=0)], [echo(ident=9)]) == "ip.id"


def test_an_ip_id_that_was_given_must_arrive() -> None:
    given = Given(ids=frozenset({(ipv4.ICMP, icmp.ECHO_REQUEST, 7)}))
    assert first_field([echo(ident=7)], [echo(ident=9)], given) == "ip.id"
    reply = {"kind": icmp.ECHO_REPLY}
    assert differences([echo(ident=7, **reply)], [echo(ident=9, **reply)], given) == []


def handshake(client: int, server: int) -> list[bytes]:
    return [
        segment(client, 0, flags=tcp.SYN),
        segment(server, client + 1, flags=tcp.SYN | tcp.ACK, back=True),
        segment(client + 1, server + 1),
    ]


def test_tcp_numbers_may_start_anywhere() -> None:
    assert differences(handshake(100, 2000), handshake(2**32 - 2, 5)) == []


def test_tcp_numbers_must_go_on_alike() -> None:
    left = [*handshake(100, 2000), segment(105, 2001)]
    right = [*handshake(900, 3000), segment(906, 3001)]
    assert first_field(left, right) == "tcp.seq"


def test_an_acknowledgement_must_answer_the_same_byte() -> None:
    right = handshake(900, 3000)
    right[1] = segment(3000, 902, flags=tcp.SYN | tcp.ACK, back=True)
    assert first_field(handshake(100, 2000), right) == "tcp.ack"


def test_a_second_connection_between_the_same_ports_starts_anew() -> None:
    left = handshake(100, 2000) + handshake(300, 4000)
    right = handshake(7, 8) + handshake(9000, 1)
    assert differences(left, right) == []


def test_a_sequence_number_that_was_given_must_arrive() -> None:
    given = Given(sequences=frozenset({100}))
    assert first_field([segment(100, 0)], [segment(200, 0)], given) == "tcp.seq"


def test_an_icmp_error_may_quote_what_the_kernel_chose() -> None:
    def error(seq: int, ident: int, window: int = 63) -> bytes:
        quoted = segment(seq, 0, flags=tcp.SYN, ident=ident, window=window)[14:]
        return frame(ipv4.build(ipv4.ICMP, B, A, icmp.build(3, 3, 0, quoted)))

    assert differences([error(1, 2)], [error(3, 4)]) == []
    assert first_field([error(1, 2)], [error(3, 4, window=62)]) == "quoted.tcp.window"


def test_a_quoted_segment_cut_short_still_shows_a_wrong_checksum() -> None:
    def error(seq: int, spoil: int = 0) -> bytes:
        body = tcp.build(A, B, 40000, 80, seq, 1, tcp.ACK, 63, payload=bytes(range(100)))
        quoted = bytearray(ipv4.build(ipv4.TCP, A, B, body)[:80])
        quoted[36] ^= spoil
        return frame(ipv4.build(ipv4.ICMP, B, A, icmp.build(3, 3, 0, bytes(quoted))))

    assert differences([error(1)], [error(3)]) == []
    assert first_field([error(1)], [error(3, spoil=1)]) == "quoted.tcp.checksum"


def test_an_ephemeral_port_may_differ_where_the_topology_names_its_ports() -> None:
    given = Given(ports=frozenset({53, 5000}))
    assert differences([datagram(40000)], [datagram(50000)], given) == []
    assert first_field([datagram(40000)], [datagram(5000)], given) == "udp.sport"
    assert first_field([datagram(40000)], [datagram(50000)]) == "udp.sport"
    assert first_field([datagram(600)], [datagram(50000)], given) == "udp.sport"


def test_a_checksum_that_is_wrong_must_be_wrong_by_as_much() -> None:
    right = patched(datagram(5000), 40, b"\x12\x34")
    assert first_field([datagram(5000)], [right]) == "udp.checksum"
    assert differences([right], [right]) == []


def test_a_missing_frame_is_told_with_its_side_and_number() -> None:
    (found,) = differences([echo()], [echo(), echo()])
    assert (found.number, found.field, found.left) == (2, "missing on the left", None)


def test_an_interface_that_one_side_does_not_have_saw_nothing() -> None:
    lo = ("A", "lo")
    recording = {PLACE: [Captured(0, None, echo())], lo: [Captured(0, None, echo())]}
    assert [found.place for found in compare(recording, {})] == [PLACE, lo]
    assert [found.place for found in compare({}, recording)] == [PLACE, lo]
    assert compare({PLACE: []}, {}) == []


def test_directions_are_compared_where_both_sides_know_them() -> None:
    sides = [{PLACE: [Captured(0, way, echo())]} for way in ("in", "out", None)]
    assert [found.field for found in compare(sides[0], sides[1])] == ["direction (in, out)"]
    assert compare(sides[0], sides[2]) == []


def test_a_difference_shows_both_frames_and_marks_the_field() -> None:
    (found,) = differences([echo(ident=7)], [echo(ident=9, ttl=63)])
    lines = str(found).splitlines()
    assert lines[0] == "A:eth0 frame 1: ip.ttl"
    marked = {line.split()[1]: line.split()[2:] for line in lines if line[2:3] == ">"}
    assert marked == {"ip.ttl": ["64", "63"]}
    assert [line.split()[1] for line in lines if line[2:3] == "."] == ["ip.id", "ip.checksum"]


def tunnelled(sport: int, *, vni: int = 1, ident: int = 7, summed: bool = True) -> bytes:
    """An echo request in a VXLAN datagram."""
    data = vxlan.build(vni, echo(ident=ident))
    body = udp.build(A, B, sport, 8472, data) if summed else udp.unsummed(sport, 8472, data)
    return frame(ipv4.build(ipv4.UDP, A, B, body, ident=9))


@pytest.mark.parametrize("summed", [True, False])
def test_a_tunnels_source_port_is_a_hash_and_one_flow_may_have_two(summed: bool) -> None:
    left = [tunnelled(40000, summed=summed), tunnelled(40000, summed=summed)]
    right = [tunnelled(50000, summed=summed), tunnelled(60000, summed=summed)]
    assert differences(left, right) == []


def test_but_not_where_the_topology_leaves_one_choice() -> None:
    given = Given(hashed=frozenset({range(5000, 5001)}))
    assert first_field([tunnelled(5000)], [tunnelled(5000)], given) is None
    assert first_field([tunnelled(5000)], [tunnelled(40000)], given) == "udp.sport"


def test_what_is_inside_a_tunnel_is_compared_as_what_is_outside() -> None:
    assert first_field([tunnelled(40000, ident=7)], [tunnelled(40000, ident=8)]) is None
    assert first_field([tunnelled(40000)], [tunnelled(40000, vni=2)]) == "vxlan.vni"
    assert first_field([tunnelled(40000)], [tunnelled(40000, summed=False)]) == "udp.checksum"


def test_a_checksum_that_was_unwritten_when_it_was_quoted_is_equal_or_it_differs() -> None:
    def quoting(sport: int, *, unwritten: bool) -> bytes:
        packet = tunnelled(sport)[14:]
        quote = pseudo_summed(packet) if unwritten else packet
        message = icmp.build(icmp.DEST_UNREACH, icmp.FRAG_NEEDED, 1400, quote[:60])
        return frame(ipv4.build(ipv4.ICMP, A, B, message, ident=9))

    one, other = quoting(40000, unwritten=True), quoting(50000, unwritten=True)
    assert differences([one], [other]) == []
    found = first_field([one], [quoting(50000, unwritten=False)])
    assert found == "quoted.udp.checksum"
