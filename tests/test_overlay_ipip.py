"""IPIP: its bytes by RFC 2003 and Scapy, its choices by ip_tunnel_xmit and ip_tunnel_rcv."""

from __future__ import annotations

from pathlib import Path

import pytest
from overlay_scenes import drops, frames, played, wires
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import Ether
from scapy.utils import PcapReader

from pknet.kernel.compare import compare
from pknet.kernel.given import Given
from pknet.lab.check import ether, ipv4
from pknet.lab.lab import Lab
from pknet.report.folder import write
from pknet.topology.load import load_text
from pknet.topology.spec import Spec

PING = "{ping: 10.1.2.1, from: a1, id: 1, seq: 1, ipid: 7}"

_NODES = """
name: ipip
nodes:
  a1:
    interfaces: {{eth0: {{addresses: [10.1.1.1/24]}}}}
    routes: [default via 10.1.1.254]
  node-a:
    kind: node
    interfaces: {{vA1: {{addresses: [10.1.1.254/24]}}, eth0: {{addresses: [192.168.0.1/24], mtu: {mtu}}}}}
    tunnels: {{tunl0: {{type: "ipip {type_a}", addresses: [10.1.1.0/32], mtu: {tunnel_mtu}}}}}
    routes: ["10.1.2.0/24 via 192.168.0.2 dev tunl0 onlink"]
  node-b:
    kind: node
    interfaces: {{vB1: {{addresses: [10.1.2.254/24]}}, eth0: {{addresses: [192.168.0.2/24], mtu: {mtu}}}}}
    tunnels: {{tunl0: {{type: "ipip {type_b}", addresses: [10.1.2.0/32], mtu: {tunnel_mtu}}}}}
    routes: ["10.1.1.0/24 via 192.168.0.1 dev tunl0 onlink"]
  b1:
    interfaces: {{eth0: {{addresses: [10.1.2.1/24]}}}}
    routes: [default via 10.1.2.254]
links: [['a1:eth0', 'node-a:vA1'], ['b1:eth0', 'node-b:vB1'], ['node-a:eth0', 'node-b:eth0']]
traffic: [{traffic}]
"""  # noqa: E501


def nodes(*traffic: str, **changes: str | int) -> Spec:
    values: dict[str, str | int] = {
        "type_a": "local 192.168.0.1", "type_b": "local 192.168.0.2", "mtu": 1500,
        "tunnel_mtu": 1480,
    }  # fmt: skip
    text = _NODES.format(**{**values, **changes}, traffic=", ".join(traffic))
    return load_text(text, Path("ipip.yaml"))


def sent(lab: Lab) -> list[IP]:
    return [Ether(wire)[IP] for wire in wires(lab, "node-a", "eth0", "out")]


def packet(text: str) -> str:
    return f"{{send: '{text}', from: a1}}"


def test_scapy_builds_the_same_outer_packet() -> None:
    lab = played(nodes(PING))
    (wire,) = wires(lab, "node-a", "eth0", "out")
    (inner,) = wires(lab, "node-a", "tunl0", "out")
    seen = Ether(wire)
    header = IP(src="192.168.0.1", dst="192.168.0.2", id=seen.id, ttl=63, flags="DF", proto=4)
    assert bytes(Ether(src=seen.src, dst=seen.dst) / header / IP(inner)) == wire


def test_inside_is_the_packet_as_the_device_saw_it() -> None:
    lab = played(nodes(PING))
    (inner,) = wires(lab, "node-a", "tunl0", "out")
    assert wires(lab, "node-b", "tunl0", "in") == [inner]
    assert bytes(sent(lab)[0].payload) == inner
    assert IP(inner)[ICMP].seq == 1


def test_one_packet_has_one_id_outside_and_inside() -> None:
    taps = [tap for tap in played(nodes(PING)).trace.taps if tap.direction and tap.hop.packet == 1]
    assert [f"{tap.hop.node}:{tap.interface}" for tap in taps] == [
        "a1:eth0", "node-a:vA1", "node-a:tunl0", "node-a:eth0", "node-b:eth0", "node-b:tunl0",
        "node-b:vB1", "b1:eth0",
    ]  # fmt: skip


def test_the_far_end_is_the_next_hop_or_the_tunnels_own() -> None:
    assert sent(played(nodes(PING)))[0].dst == "192.168.0.2"
    lab = played(nodes(PING, type_a="local 192.168.0.1 remote 192.168.0.77"))
    assert drops(lab) == [("node-a", "NEIGH_FAILED")] or lab.results[0].failure is None
    (step,) = (str(s) for hop in lab.trace.hops for s in hop.steps if "ENCAP" in str(s))
    assert step == "ENCAP tunl0: into IP 192.168.0.1 > 192.168.0.77"


@pytest.mark.parametrize(
    ("options", "inner", "ttl", "tos", "df"),
    [
        ("", "ttl=9, tos=0x2e", 8, 2, True),
        ("ttl 5", "ttl=9", 5, 0, True),
        ("tos inherit", "tos=0x2e", 63, 0x2E, True),
        ("tos 10", "tos=3", 63, 0x12, True),
        ("nopmtudisc", "tos=0", 63, 0, False),
        ("nopmtudisc", 'flags="DF"', 63, 0, True),
    ],
)
def test_the_outer_header_is_the_tunnels_or_the_inner_packets(
    options: str, inner: str, ttl: int, tos: int, df: bool
) -> None:
    item = packet(f'IP(dst="10.1.2.1", {inner})/ICMP(id=1, seq=1)')
    (outer,) = sent(played(nodes(item, type_a=f"local 192.168.0.1 {options}")))
    assert (outer.ttl, outer.tos, outer.flags.DF) == (ttl, tos, df)


def ping(size: int, df: bool = True) -> str:
    return f"{{ping: 10.1.2.1, from: a1, id: 1, seq: 1, size: {size}, df: {str(df).lower()}}}"


def test_what_does_not_fit_comes_back_with_what_would() -> None:
    """The device takes 1500 bytes; 1400 less 20 go through (Linux: tnl_update_pmtu)."""
    lab = played(nodes(ping(1400), ping(1352), mtu=1400, tunnel_mtu=1500))
    assert drops(lab) == [("node-a", "PKT_TOO_BIG")]
    errors = [Ether(w) for w in wires(lab, "a1", "eth0", "in") if Ether(w)[ICMP].type == 3]
    assert [(e[IP].src, e[ICMP].code, e[ICMP].nexthopmtu) for e in errors] == [
        ("10.1.1.254", 4, 1380)
    ]
    assert [str(outer.len) for outer in sent(lab)] == ["1400"]


def test_where_the_outer_packet_may_be_cut_it_is() -> None:
    options = {"type_a": "local 192.168.0.1 nopmtudisc", "mtu": 1400, "tunnel_mtu": 1500}
    lab = played(nodes(ping(1400, df=False), **options))
    assert [outer.len for outer in sent(lab)] == [1396, 72]
    assert [len(wire) for wire in wires(lab, "node-b", "tunl0", "in")] == [1428]


@pytest.mark.parametrize(
    ("outer", "inner", "reason"),
    [
        ('dst="192.168.0.2"', "tos=0", None),
        ('dst="192.168.0.2", tos=3', "tos=0", "IP_TUNNEL_ECN"),
    ],
)
def test_a_congestion_mark_is_not_lost(outer: str, inner: str, reason: str | None) -> None:
    text = f'IP({outer}, proto=4)/IP(src="10.1.1.1", dst="10.1.2.1", {inner})/ICMP(id=3)'
    item = packet(text).replace("from: a1", "from: node-a")
    found = drops(played(nodes(item)))
    assert found == ([("node-b", reason)] if reason else [])


@pytest.mark.parametrize(
    ("far", "reason"),
    [
        ("local 192.168.0.2 remote 192.168.0.1", []),
        ("remote 192.168.0.1", []),
        ("local any", []),
        ("local 192.168.0.2 remote 192.168.0.9", [("node-b", "TUNNEL_UNKNOWN")]),
    ],
)
def test_a_packet_is_for_the_tunnel_that_has_its_ends(
    far: str, reason: list[tuple[str, str]]
) -> None:
    lab = played(nodes(PING, type_b=far))
    assert drops(lab) == reason
    told = [Ether(w)[ICMP] for w in wires(lab, "node-a", "eth0", "in") if ICMP in Ether(w)]
    assert [(m.type, m.code) for m in told if m.type == 3] == [(3, 3)] * len(reason)


def test_a_node_without_a_tunnel_does_not_speak_the_protocol() -> None:
    text = 'IP(dst="10.1.2.1", proto=4)/IP(src="10.1.1.1", dst="10.1.2.1")/ICMP()'
    spec = nodes(packet(text))
    assert drops(played(spec)) == [("b1", "IP_NOPROTO")]


def test_what_is_no_packet_inside_is_dropped() -> None:
    item = packet('IP(dst="192.168.0.2", proto=4)/Raw("abc")').replace("a1", "node-a")
    assert drops(played(nodes(item))) == [("node-b", "PKT_TOO_SMALL")]


def test_captures_of_the_device_have_no_ethernet_header(tmp_path: Path) -> None:
    lab = played(nodes(PING))
    write(lab, tmp_path)
    with PcapReader(str(tmp_path / "node-a-tunl0.pcap")) as reader:
        packets = list(reader)
    assert [type(p) for p in packets] == [IP, IP]
    with PcapReader(str(tmp_path / "ipip.pcapng")) as reader:
        kinds = [type(p) for p in reader]
    assert kinds.count(IP) == 4
    assert kinds.count(Ether) == len(kinds) - 4


def test_a_hook_and_a_checker_see_the_bare_packet() -> None:
    lab = Lab(nodes(PING))
    seen = []

    def halve(packet: IP) -> IP:
        seen.append(type(packet))
        packet.ttl = 30
        del packet.chksum
        return packet

    lab.on("node-a:tunl0", halve)
    port = lab.at("node-a:tunl0")
    lab.run()
    assert seen == [IP, IP]
    assert port.seen[0].matches(ipv4(ttl=30))
    assert not port.seen[0].matches(ether())
    assert sent(lab)[0].payload.ttl == 30
    assert lab.results[0].failure is None


def test_what_differs_in_a_bare_capture_is_named() -> None:
    spec = nodes(PING)
    one, other = played(spec), played(nodes(PING.replace("seq: 1", "seq: 2")))
    assert compare(frames(one), frames(one), Given.by(spec)) == []
    found = {d.place: d.field for d in compare(frames(one), frames(other), Given.by(spec))}
    assert found["node-a", "tunl0"] == "icmp.rest"
    assert found["node-a", "eth0"] == "inner.icmp.rest"


def test_a_router_that_carries_less_is_heard_by_the_inner_sender() -> None:
    """Its 3/4 is about the outer packet; the next inner one hears what is left (ipip_err)."""
    lab = Lab(nodes(ping(1452), "{wait: 10ms}", ping(1452)))
    answer = IP(src="192.168.0.2", dst="192.168.0.1") / ICMP(type=3, code=4, nexthopmtu=1400)
    quote = IP(src="192.168.0.1", dst="192.168.0.2", proto=4, len=1500)
    quote /= IP(src="10.1.1.1", dst="10.1.2.1", len=1480)
    lab["node-b"].send(answer / quote)
    lab.run()
    assert drops(lab) == [("node-a", "PKT_TOO_BIG"), ("a1", "PKT_TOO_BIG")]
    told = [
        Ether(w)[ICMP].nexthopmtu
        for w in wires(lab, "a1", "eth0", "in")
        if Ether(w)[ICMP].type == 3
    ]
    assert set(told) == {1380}
