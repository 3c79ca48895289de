"""What each traffic item does, with real sockets."""

from __future__ import annotations

import pytest
from kernel_backend import A1, B1, needs_kernel, pair, play, wires

from pknet.kernel.fields import Kind, fields
from pknet.wire import tcp

pytestmark = needs_kernel
ECHO = "listen: [{udp: 53, reply: pong}, {tcp: 80, reply: pong}]"


def values(wire: bytes) -> dict[str, int | bytes]:
    return {field.name: field.value for field in fields(wire)}


def ip_frames(found: list[bytes]) -> list[dict[str, int | bytes]]:
    return [values(wire) for wire in found if wire[12:14] == b"\x08\x00"]


@pytest.mark.parametrize(
    ("item", "result"),
    [
        ("{ping: 10.0.0.2, from: a1}", "echo-reply from 10.0.0.2"),
        ("{ping: 10.0.0.2, from: a1, ttl: 1}", "echo-reply from 10.0.0.2"),
        ("{ping: 10.9.9.9, from: a1}", "ENETUNREACH"),
        ("{ping: 10.0.0.2, from: a1, size: 2000}", "EMSGSIZE"),
        ('{udp: "10.0.0.2:53", from: a1, payload: hello}', "received b'pong'"),
        ('{udp: "10.0.0.2:54", from: a1, payload: hello}', "ECONNREFUSED"),
        ('{tcp: "10.0.0.2:80", from: a1, payload: ping}', "connected, received b'pong'"),
        ('{tcp: "10.0.0.2:81", from: a1, payload: ping}', "ECONNREFUSED"),
        ('{tcp: "10.0.0.9:80", from: a1, payload: ping, timeout: 100ms}', "no answer"),
        ("{wait: 1ms}", "waited"),
    ],
)
def test_an_item_comes_to(item: str, result: str) -> None:
    assert play(pair(item, b1=ECHO)).results == [result]


def test_a_ping_is_to_the_letter() -> None:
    recording = play(pair("{ping: 10.0.0.2, from: a1, id: 7, seq: 9, ttl: 3, size: 4, ipid: 5}"))
    sent = ip_frames(wires(recording, A1, "out"))[0]
    asked = {"ip.id": 5, "ip.ttl": 3, "ip.flags_offset": 0x4000, "icmp.rest": 7 << 16 | 9}
    assert {**asked, "payload": bytes(range(4))}.items() <= sent.items()


def test_a_datagram_may_go_without_df() -> None:
    item = '{{udp: "10.0.0.2:53", from: a1, payload: x, sport: 4000, ttl: 9, df: {}}}'
    recording = play(pair(item.format("true"), item.format("false"), b1=ECHO))
    sent = ip_frames(wires(recording, A1, "out"))
    assert [(s["ip.flags_offset"], s["ip.ttl"]) for s in sent] == [(0x4000, 9), (0, 9)]


def test_a_client_lets_the_handshake_go_alone_and_closes_first() -> None:
    recording = play(pair('{tcp: "10.0.0.2:80", from: a1, payload: ping}', b1=ECHO))
    way = {True: ">", False: "<"}
    told = [
        way[frame["tcp.dport"] == 80] + tcp.flag_names(int(frame["tcp.flags"]))
        for frame in ip_frames(wires(recording, A1))
    ]
    assert told == [">SYN", "<SYN-ACK", ">ACK", ">PSH-ACK", "<ACK", "<PSH-ACK", ">ACK",
                    ">FIN-ACK", "<FIN-ACK", ">ACK"]  # fmt: skip


def test_a_listener_may_wait_for_more_than_one_read() -> None:
    listen = "listen: [{tcp: 80, reply: enough, read: 5000}]"
    item = f'{{tcp: "10.0.0.2:80", from: a1, payload: "{"x" * 5000}"}}'
    assert play(pair(item, b1=listen)).results == ["connected, received b'enough'"]


def test_a_listener_serves_one_client_after_the_other() -> None:
    item = '{tcp: "10.0.0.2:80", from: a1, payload: ping}'
    assert play(pair(item, item, b1=ECHO)).results == ["connected, received b'pong'"] * 2


def test_a_packet_is_routed_and_a_frame_is_not() -> None:
    packet = "{send: 'IP(dst=\"10.0.0.2\", id=77)/ICMP(id=1, seq=1)', from: a1}"
    frame = "{send: 'Ether(dst=\"02:00:00:00:99:99\", type=0x88b5)/Raw(\"x\")', from: 'a1:eth0'}"
    recording = play(pair(packet, frame))
    assert recording.results == ["sent", "sent"]
    assert ip_frames(wires(recording, A1, "out"))[0]["ip.id"] == 77
    assert wires(recording, B1, "in")[-1][:6].hex() == "020000009999"


def test_items_with_a_time_do_not_wait_for_the_others() -> None:
    recording = play(
        pair(
            "{ping: 10.0.0.9, from: a1, timeout: 400ms}",
            "{ping: 10.0.0.2, from: b1, at: 150ms, seq: 2}",
            b1="",
        )
    )
    assert recording.results == ["no answer", "echo-reply from 10.0.0.2"]
    asked, own = recording.frames[A1][0], recording.frames["b1", "lo"][0]
    assert 100_000_000 < own.time_ns - asked.time_ns < 300_000_000


def test_lo_shows_each_packet_once_and_with_its_checksum() -> None:
    recording = play(pair('{udp: "10.0.0.1:53", from: a1, payload: hello}', a1=ECHO))
    shown = [fields(wire) for wire in wires(recording, ("a1", "lo"))]
    sums = [[f.residue for f in one if f.kind is Kind.CHECKSUM] for one in shown]
    assert sums == [[0, 0], [0, 0]]


def test_a_vlan_tag_is_captured_where_it_stood() -> None:
    frame = "{send: 'Ether(dst=\"ff:ff:ff:ff:ff:ff\")/Dot1Q(vlan=5)/Raw(\"xyz\")', from: 'a1:eth0'}"
    recording = play(pair(frame))
    assert wires(recording, B1) == wires(recording, A1)
    assert wires(recording, B1)[0][12:16].hex() == "81000005"


def test_a_datagram_put_together_again_is_captured_whole() -> None:
    """br_netfilter reassembles where the node tracks connections, whatever the bridge's MTU."""
    text = """
name: reassembled
nodes:
  node-a:
    bridges: {br0: {addresses: [10.1.1.254/24]}}
    interfaces: {va: {master: br0}}
    iptables: "*nat\\n-A POSTROUTING -p tcp -j MASQUERADE\\nCOMMIT\\n"
    listen: [{udp: 53, reply: pong}]
  a1: {interfaces: {eth0: {addresses: [10.1.1.1/24]}}}
links:
  - ['a1:eth0', 'node-a:va']
traffic:
  - {udp: "10.1.1.254:53", from: a1, payload: %s, df: false}
"""
    recording = play(text % ("x" * 5000))
    lengths = {
        place: max(map(len, wires(recording, place)), default=0) for place in recording.frames
    }
    assert lengths["node-a", "va"] == 1514
    assert lengths["node-a", "br0"] == 5042
