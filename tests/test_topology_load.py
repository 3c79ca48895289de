"""Every key of a topology file, and every default."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

import pytest
from topology_samples import FULL, good_files, items, one_node, read

from pknet.link.cable import DELAY
from pknet.link.veth import LATENCY
from pknet.topology import Place, load
from pknet.topology.item import Expect, Ping, Tcp, Udp, Wait
from pknet.topology.spec import InterfaceSpec, LinkSpec, ListenSpec, NeighbourSpec

A1_ROUTES = ["10.1.2.0/24 via 192.168.0.2", "default via 192.168.0.254", "unreachable 10.0.0.0/8"]


@pytest.mark.parametrize("path", good_files(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_recorded_and_shipped_topologies_load(path: Path) -> None:
    assert load(path).nodes


def test_name_seed_and_file() -> None:
    spec = read(FULL)
    assert (spec.name, spec.seed, spec.file, spec.warnings) == ("full", 7, Path("test.yaml"), ())


def test_devices_with_every_setting() -> None:
    node = read(FULL).nodes[0]
    assert node.bridges == (
        InterfaceSpec(
            "br0", bytes.fromhex("020000000104"), 1400, (IPv4Interface("10.1.1.254/24"),)
        ),
    )
    assert node.interfaces == (
        InterfaceSpec(
            "vA1", bytes.fromhex("020000000101"), 1500, (), master="br0", hairpin=True, up=True
        ),
        InterfaceSpec(
            "eth0", bytes.fromhex("020000000103"), 1450, (IPv4Interface("192.168.0.1/24"),)
        ),
    )


def test_tables_of_a_node() -> None:
    node = read(FULL).nodes[0]
    assert [route.text for route in node.routes] == A1_ROUTES
    assert [(r.prefix, r.via, r.type) for r in node.routes] == [
        (IPv4Network("10.1.2.0/24"), IPv4Address("192.168.0.2"), "unicast"),
        (IPv4Network("0.0.0.0/0"), IPv4Address("192.168.0.254"), "unicast"),
        (IPv4Network("10.0.0.0/8"), None, "unreachable"),
    ]
    assert node.neighbours == (
        NeighbourSpec(IPv4Address("192.168.0.2"), bytes.fromhex("020000000203"), "eth0"),
    )
    assert node.sysctls == (
        ("net.bridge.bridge-nf-call-iptables", 1),
        ("net.ipv4.conf.eth0.rp_filter", 2),
    )
    assert node.listen == (
        ListenSpec("tcp", 8080, b"pong", 5000),
        ListenSpec("udp", 5353, b"\xa5\xa5"),
    )


def test_rules_know_where_their_first_line_stands() -> None:
    node = read(FULL).nodes[0]
    assert node.iptables.startswith("*filter\n")
    assert node.iptables_place == Place("test.yaml", 27, 7)
    assert node.ipset.startswith("create pods")
    assert node.ipset_place == Place("test.yaml", 31, 7)


def test_rules_from_a_file_beside_the_topology(tmp_path: Path) -> None:
    rules = "*filter\n:FORWARD DROP [0:0]\nCOMMIT\n"
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.rules").write_text(rules)
    topology = tmp_path / "t.yaml"
    topology.write_text("name: t\nnodes: {A: {iptables: {file: rules/a.rules}}}\n")
    node = load(topology).nodes[0]
    assert (node.iptables, node.iptables_place) == (
        rules,
        Place(str(tmp_path / "rules" / "a.rules"), 1, 1),
    )


def test_links_with_every_setting() -> None:
    assert read(FULL).links == (
        LinkSpec(("A1", "eth0"), ("A", "vA1"), "veth", LATENCY),
        LinkSpec(("A", "eth0"), ("SW", "p1"), "cable", 50_000, 0.001, 10**9, up=False),
        LinkSpec(("R", "eth0"), ("SW", "p2"), "veth", LATENCY),
    )


def test_traffic_with_every_setting() -> None:
    ping, tcp, udp, wait, *_ = read(FULL).traffic
    assert isinstance(ping, Ping)
    assert (ping.id, ping.seq, ping.ttl, ping.size, ping.df, ping.ipid, ping.timeout) == (
        2, 3, 5, 8, False, 9, 10**9,
    )  # fmt: skip
    assert isinstance(tcp, Tcp)
    assert (tcp.destination, tcp.port) == (IPv4Address("172.30.0.1"), 80)
    assert (tcp.sport, tcp.payload, tcp.timeout) == (40000, b"ping", 600_000_000)
    assert isinstance(udp, Udp)
    assert (udp.sport, udp.payload, udp.ttl, udp.df) == (40001, b"hello", 3, False)
    assert isinstance(wait, Wait)
    assert (wait.duration, wait.at, wait.name) == (200_000_000, 5 * 10**9, "rest")


def test_expectations() -> None:
    assert [item.expect for item in read(FULL).traffic[4:8]] == [
        Expect(delivered="A", reply="echo-reply"),
        Expect(dropped="R", reason="IP_INNOROUTES"),
        Expect(reply=(3, 0), reply_from=IPv4Address("192.168.1.254")),
        Expect(connected=True, received=b"pong"),
    ]


# --- defaults


def test_the_smallest_topology() -> None:
    spec = read("name: t\nnodes: {A: }\n")
    assert (spec.seed, spec.links, spec.traffic) == (1, (), ())
    (node,) = spec.nodes
    assert (node.kind, node.forwarding, node.interfaces, node.bridges) == ("linux", False, (), ())
    assert (node.routes, node.neighbours, node.sysctls, node.listen) == ((), (), (), ())
    assert (node.iptables, node.iptables_place, node.ipset) == ("", None, "")


@pytest.mark.parametrize(
    ("kind", "forwards"), [("linux", False), ("switch", False), ("router", True), ("node", True)]
)
def test_who_forwards_by_default(kind: str, forwards: bool) -> None:
    assert read(f"name: t\nnodes: {{A: {{kind: {kind}}}}}\n").nodes[0].forwarding is forwards
    text = f"name: t\nnodes: {{A: {{kind: {kind}, forwarding: {not forwards}}}}}\n"
    assert read(text).nodes[0].forwarding is not forwards


def test_default_macs_count_nodes_and_the_order_of_links_then_bridges() -> None:
    text = """
name: t
nodes: {A: {bridges: {b1: {}, b0: {}}, interfaces: {e9: {}}}, B: {}}
links: [[B:x, A:e2], [A:e1, A:e9]]
"""
    a, b = read(text).nodes
    macs = {it.name: it.mac.hex(":") for it in (*a.interfaces, *a.bridges)}
    assert macs == {
        "e2": "02:00:00:00:01:01",
        "e1": "02:00:00:00:01:02",
        "e9": "02:00:00:00:01:03",
        "b1": "02:00:00:00:01:04",
        "b0": "02:00:00:00:01:05",
    }
    assert b.interfaces[0].mac.hex(":") == "02:00:00:00:02:01"


def test_the_256th_node_and_the_256th_interface_have_macs_of_their_own() -> None:
    nodes = "".join(f"  n{number}: {{}}\n" for number in range(1, 300))
    links = "".join(f"  - [n256:e{number}, n{number}:eth0]\n" for number in range(1, 256))
    more = "".join(f"  - [n256:f{number}, n{number}:eth1]\n" for number in range(1, 4))
    spec = read(f"name: t\nnodes:\n{nodes}links:\n{links}{more}")
    hub = spec.nodes[255]
    assert hub.interfaces[0].mac.hex(":") == "02:00:00:01:00:01"
    assert hub.interfaces[254].mac.hex(":") == "02:00:00:01:00:ff"
    assert hub.interfaces[255].mac.hex(":") == "02:00:01:01:00:00"
    macs = [it.mac for node in spec.nodes for it in node.interfaces]
    assert len(set(macs)) == len(macs)


def test_a_switch_without_bridges_has_one_with_all_its_links_as_ports() -> None:
    text = """
name: t
nodes: {SW: {kind: switch, interfaces: {p2: {hairpin: true}}}, A: {}, B: {}}
links: [[A:eth0, SW:p1], [B:eth0, SW:p2]]
"""
    switch = read(text).nodes[0]
    assert [bridge.name for bridge in switch.bridges] == ["br0"]
    assert [(it.name, it.master, it.hairpin) for it in switch.interfaces] == [
        ("p1", "br0", False),
        ("p2", "br0", True),
    ]
    assert switch.bridges[0].mac.hex(":") == "02:00:00:00:01:03"
    assert switch.sysctls == (("net.bridge.bridge-nf-call-iptables", 0),)


def test_what_a_switch_sets_itself_stands() -> None:
    own = "sysctls: {net.bridge.bridge-nf-call-iptables: 1}"
    switch = read(f"name: t\nnodes: {{SW: {{kind: switch, {own}}}}}\n").nodes[0]
    assert switch.sysctls == (("net.bridge.bridge-nf-call-iptables", 1),)
    other = read("name: t\nnodes: {SW: {kind: switch, bridges: {sw0: {}}}}\n").nodes[0]
    assert ([bridge.name for bridge in other.bridges], other.sysctls) == (["sw0"], ())


def test_link_defaults() -> None:
    text = """
name: t
nodes: {A: {}, B: {}}
links: [[A:a, B:a], {endpoints: [A:b, B:b]}, {endpoints: [A:c, B:c], type: cable}]
"""
    assert read(text).links == (
        LinkSpec(("A", "a"), ("B", "a"), "veth", LATENCY),
        LinkSpec(("A", "b"), ("B", "b"), "veth", LATENCY),
        LinkSpec(("A", "c"), ("B", "c"), "cable", DELAY),
    )


def test_traffic_defaults() -> None:
    ping, tcp, udp = read(
        items(
            "{ping: 10.0.0.2, from: A}",
            "{tcp: 10.0.0.2:80, from: A}",
            "{udp: 10.0.0.2:53, from: A}",
        )
    ).traffic
    assert ping == Ping(
        Place("test.yaml", 5, 5), "A", "ping A -> 10.0.0.2", destination=IPv4Address("10.0.0.2"),
        id=1, seq=1, ttl=64, size=56, df=True, ipid=None, timeout=300_000_000,
    )  # fmt: skip
    assert tcp == Tcp(
        Place("test.yaml", 6, 5), "A", "tcp A -> 10.0.0.2:80",
        destination=IPv4Address("10.0.0.2"), port=80, sport=None, payload=b"", timeout=990_000_000,
    )  # fmt: skip
    assert udp == Udp(
        Place("test.yaml", 7, 5), "A", "udp A -> 10.0.0.2:53", destination=IPv4Address("10.0.0.2"),
        port=53, sport=None, payload=b"", ttl=64, df=True, timeout=300_000_000,
    )  # fmt: skip


def test_an_alias_is_what_it_stands_for() -> None:
    text = """
name: t
nodes:
  A: &pod {kind: router}
  B: *pod
"""
    assert [node.kind for node in read(text).nodes] == ["router", "router"]


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("ping", b"ping"),
        ("42", b"42"),
        ("", b""),
        ("{hex: 'A5 a5'}", b"\xa5\xa5"),
        ("é", "é".encode()),
    ],
)
def test_payloads(written: str, sent: bytes) -> None:
    (item,) = read(items(f"{{udp: 10.0.0.2:53, from: A, payload: {written}}}")).traffic
    assert isinstance(item, Udp)
    assert item.payload == sent


def test_a_setting_may_be_written_as_text() -> None:
    node = read(one_node('sysctls: {net.ipv4.ip_forward: "1"}')).nodes[0]
    assert node.sysctls == (("net.ipv4.ip_forward", 1),)
