"""VXLAN as pknet walks it: bytes that Scapy and tshark read, reasons, ports, one id."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which

import pytest
from overlay_scenes import (
    A_MAC,
    B_MAC,
    LOOP,
    PING,
    big,
    drops,
    frame,
    outer,
    played,
    two_nodes,
    wires,
)
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.layers.vxlan import VXLAN

from pknet.lab.lab import Lab
from pknet.overlay.ecn import inner_packet, outer_tos
from pknet.overlay.flow_port import flow_of
from pknet.overlay.tunnel import NESTING_LIMIT
from pknet.overlay.vxlan_fdb import LIMIT as FDB_LIMIT
from pknet.overlay.vxlan_fdb import Remote, VxlanFdb
from pknet.report.folder import write
from pknet.report.items import run_lines
from pknet.report.layout import text_of
from pknet.sim import Clock
from pknet.sim.clock import SECOND
from pknet.topology.load import load_text
from pknet.trace import Sent
from pknet.wire import vxlan
from pknet.wire.address import mac_bytes
from pknet.wire.ethernet import ETH_P_ARP, ETH_P_IP
from pknet.wire.frame import Frame

SHIPPED = Path(__file__).parent.parent / "topologies" / "overlay-vxlan.yaml"


def carried(wire: bytes) -> Ether:
    return Ether(wire)[VXLAN].payload


def test_scapy_builds_the_same_outer_packet() -> None:
    (wire,) = wires(played(two_nodes(PING)), "node-a", "eth0", "out")
    seen = Ether(wire)
    built = (
        Ether(src=seen.src, dst=seen.dst)
        / IP(src="192.168.1.1", dst="192.168.2.1", id=seen[IP].id, ttl=64)
        / UDP(sport=seen[UDP].sport, dport=8472)
        / VXLAN(flags=0x08, vni=1)
        / carried(wire)
    )
    assert bytes(built) == wire


def test_the_frame_inside_is_the_one_that_went_into_the_device() -> None:
    lab = played(two_nodes(PING))
    inside = [bytes(carried(wire)) for wire in wires(lab, "node-a", "eth0", "out")]
    assert inside == wires(lab, "node-a", "vx", "out")
    assert inside == wires(lab, "node-b", "vx", "in")


def test_one_packet_has_one_id_outside_and_inside() -> None:
    lab = played(two_nodes(PING))
    places = [
        f"{tap.hop.node}:{tap.interface}"
        for tap in lab.trace.taps
        if tap.direction and tap.hop.packet == 1
    ]
    assert places == [
        "a1:eth0", "node-a:vA1", "node-a:vx", "node-a:eth0", "r1:eth0", "r1:eth1", "node-b:eth0",
        "node-b:vx", "node-b:vB1", "b1:eth0",
    ]  # fmt: skip


def test_the_trace_says_in_one_line_each_where_it_went_in_and_where_it_came_out() -> None:
    lab = played(two_nodes(PING, options="srcport 5000 5001"))
    steps = [str(s) for hop in lab.trace.hops if hop.packet == 1 for s in hop.steps if not s.detail]
    assert steps == [
        "ENCAP vx: into UDP 192.168.1.1:5000 > 192.168.2.1:8472, VNI 1",
        "DECAP vx: out of UDP 192.168.1.1 > 192.168.2.1, VNI 1",
    ]


def test_a_visit_that_ends_in_the_device_went_on_from_it() -> None:
    lab = played(two_nodes(PING))
    hops = [hop for hop in lab.trace.hops if (hop.packet, hop.node) == (1, "node-b")]
    assert hops[0].verdict == Sent("vx")


def test_a_flow_has_one_port_and_another_flow_another() -> None:
    items = [PING, PING, *(f'{{udp: "10.1.2.1:53", from: a1, sport: {n}}}' for n in range(20, 40))]
    ports = [Ether(w)[UDP].sport for w in wires(played(two_nodes(*items)), "node-a", "eth0", "out")]
    assert ports[0] == ports[1]
    assert len(set(ports)) > 15
    assert set(ports) <= set(range(32768, 60999))


def test_both_directions_of_a_flow_are_one_flow_and_a_fragment_has_no_ports() -> None:
    def flow(src: str, dst: str, sport: int, dport: int, flags: str = "") -> str:
        packet = IP(src=src, dst=dst, flags=flags) / UDP(sport=sport, dport=dport)
        return flow_of(Frame(bytes(Ether(src=A_MAC, dst=B_MAC) / packet)))

    assert flow("10.0.0.1", "10.0.0.2", 7, 8) == flow("10.0.0.2", "10.0.0.1", 8, 7)
    assert flow("10.0.0.1", "10.0.0.2", 7, 8) != flow("10.0.0.1", "10.0.0.2", 8, 7)
    assert flow("10.0.0.1", "10.0.0.2", 7, 8, "MF") == flow("10.0.0.1", "10.0.0.2", 9, 8, "MF")


def test_the_port_is_the_seeds() -> None:
    def port(seed: int) -> int:
        lab = Lab(two_nodes(PING), seed)
        lab.run()
        return int(Ether(wires(lab, "node-a", "eth0", "out")[0])[UDP].sport)

    assert port(1) == port(1)
    assert len({port(seed) for seed in range(8)}) > 4


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (outer(frame(), header="0000000000000100"), "VXLAN_INVALID_HDR"),
        (outer(frame(), header="0800000000000101"), "VXLAN_INVALID_HDR"),
        (outer(frame(), header="0800000000000200"), "VXLAN_VNI_NOT_FOUND"),
        (outer(frame(src=B_MAC)), "LOCAL_MAC"),
        (outer(frame(src="01:00:00:00:03:f1")), "MAC_INVALID_SOURCE"),
        (outer(frame(src="00:00:00:00:00:00")), "MAC_INVALID_SOURCE"),
        (outer(frame(), tos=3), "IP_TUNNEL_ECN"),
        (outer("", header="08000000"), "PKT_TOO_SMALL"),
        (outer('/Raw("abc")'), "NOMEM"),
        (outer(frame(dst="02:00:00:00:03:99")), "OTHERHOST"),
    ],
)
def test_what_the_far_node_does_not_take_dies_there_with_its_reason(item: str, reason: str) -> None:
    assert drops(played(two_nodes(item, far="learning"))) == [("node-b", reason)]


def test_what_was_written_down_is_not_learnt_from_elsewhere() -> None:
    third = outer(frame()).replace("from: node-a", "from: r1")
    assert drops(played(two_nodes(third, far="learning"))) == [("node-b", "VXLAN_ENTRY_EXISTS")]


def test_without_an_entry_there_is_no_far_end() -> None:
    assert drops(played(two_nodes(PING, fdb=""))) == [("node-a", "NO_TX_TARGET")]


@pytest.mark.parametrize(
    "change",
    [
        {"type_a": "vxlan id 1 local 192.168.7.7"},
        {"fdb": f'"{B_MAC} dev vx dst 10.1.2.9"'},
    ],
)
def test_without_a_way_to_the_far_end_it_dies_in_the_device(change: dict[str, str]) -> None:
    assert drops(played(two_nodes(PING, **change))) == [("node-a", "IP_OUTNOROUTES")]


def test_tunnels_that_lead_into_each_other_come_to_an_end() -> None:
    lab = played(load_text(LOOP, Path("loop.yaml")))
    assert drops(lab) == [("node-a", "RECURSION_LIMIT")]
    assert len(lab.trace.hops[0].taps) == NESTING_LIMIT + 1


def test_a_tunnel_whose_far_end_is_behind_itself_sends_nothing() -> None:
    behind = LOOP.replace("dev vx dst 172.17.0.1", "dev vx dst 172.16.0.1")
    assert drops(played(load_text(behind, Path("loop.yaml")))) == [("node-a", "IP_OUTNOROUTES")]


def test_what_is_learnt_moves_ages_and_is_refreshed() -> None:
    clock = Clock()
    fdb = VxlanFdb(clock, 10 * SECOND)
    mac, here, there = mac_bytes(A_MAC), Remote(1, 8472, 1), Remote(2, 8472, 1)
    assert fdb.learn(mac, here) is None
    clock.run(9 * SECOND)
    assert fdb.learn(mac, there) is None
    clock.run(18 * SECOND)
    found = fdb.find(mac)
    assert found is not None
    assert found.remotes == [there]
    clock.run(19 * SECOND)
    assert fdb.find(mac) is None
    assert list(fdb) == []


def test_what_is_learnt_has_a_limit() -> None:
    fdb = VxlanFdb(Clock(), SECOND)
    for number in range(FDB_LIMIT + 5):
        assert fdb.learn(b"\x02\x00" + number.to_bytes(4, "big"), Remote(1, 8472, 1)) is None
    assert len(list(fdb)) == FDB_LIMIT


def test_a_large_packet_without_room_for_its_header_goes_in_two() -> None:
    lab = played(two_nodes(big(1472), mtu=1500))
    sizes = [Ether(w)[IP].len for w in wires(lab, "node-a", "eth0", "out")]
    assert sizes == [1500, 70]
    assert [len(w) for w in wires(lab, "node-b", "vx", "in")] == [1514]


def test_a_datagram_for_the_port_with_a_wrong_checksum_is_not_looked_at() -> None:
    item = outer(frame()).replace("dport=8472", "dport=8472, chksum=1")
    assert drops(played(two_nodes(item))) == [("node-b", "UDP_CSUM")]


def test_a_socket_cannot_have_the_port() -> None:
    lab = played(two_nodes(PING))
    with pytest.raises(ValueError, match="EADDRINUSE"):
        lab.nodes["node-a"].sockets.listen("udp", 8472, b"", None)  # type: ignore[attr-defined]


@pytest.mark.parametrize("outer_mark", range(4))
@pytest.mark.parametrize("inner", range(4))
def test_congestion_marks_are_those_of_rfc_6040(inner: int, outer_mark: int) -> None:
    """Figure 4, but that Linux lets a mark it cannot explain pass."""
    packet = bytes(IP(src="10.0.0.1", dst="10.0.0.2", tos=0xB8 | inner) / ICMP())
    found = inner_packet(outer_mark, ETH_P_IP, packet)
    if (inner, outer_mark) == (0, 3):
        assert found is None
        return
    expected = {(1, 3): 3, (2, 3): 3, (2, 1): 1}.get((inner, outer_mark), inner)
    assert found == bytes(IP(src="10.0.0.1", dst="10.0.0.2", tos=0xB8 | expected) / ICMP())
    assert outer_tos(0x10, inner) == 0x10 | (2 if inner == 3 else inner)


def test_what_is_not_ip_bears_no_congestion_marks() -> None:
    assert inner_packet(3, ETH_P_ARP, b"x" * 28) is None
    assert inner_packet(2, ETH_P_ARP, b"x" * 28) == b"x" * 28


def test_scapy_reads_the_header_that_is_built() -> None:
    for vni in (0, 1, 4096, vxlan.MAX_VNI):
        data = vxlan.build(vni, b"frame")
        assert (VXLAN(data).vni, VXLAN(data).flags.value) == (vni, 8)
        assert vxlan.Vxlan.parse(data).vni == vni
        assert not vxlan.Vxlan.parse(data).reserved


@pytest.mark.tshark
@pytest.mark.skipif(which("tshark") is None, reason="needs tshark")
def test_tshark_shows_one_packets_way_through_the_tunnel(tmp_path: Path) -> None:
    lab = Lab.load(SHIPPED)
    lab.run()
    write(lab, tmp_path)
    done = subprocess.run(
        ["tshark", "-r", str(tmp_path / "overlay-vxlan.pcapng"), "-d", "udp.port==8472,vxlan",
         "-o", "udp.check_checksum:TRUE", "-Y", "frame.packet_id == 1", "-T", "fields",
         "-e", "frame.interface_name", "-e", "vxlan.vni", "-e", "udp.checksum.status",
         "-e", "ip.src"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    inside = [row for row in rows if row[1] == "1"]
    assert [row[0] for row in inside] == ["node-a:eth0", "r1:eth0", "r1:eth1", "node-b:eth0"]
    assert {tuple(row[2:]) for row in inside} == {("1", "192.168.1.1,10.1.1.1")}


def test_a_wide_outer_flow_does_not_fold_the_lines_of_narrow_ones() -> None:
    lab = played(two_nodes(PING))
    lines = [text_of(line) for line in run_lines(lab.trace, lab.results, 80)]
    inner = [line for line in lines if "10.1.1.1 > 10.1.2.1" in line]
    assert inner
    assert all("echo-request" in line for line in inner)


def test_a_topology_without_traffic_runs_to_its_end() -> None:
    assert played(two_nodes()).results == []
