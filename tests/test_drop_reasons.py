"""Every way to die, reached through a network that a file describes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pknet.lab.lab import Lab
from pknet.trace import Dropped, DropReason, copies

ROUTED = """
name: deaths
nodes:
  a1:
    interfaces: {{eth0: {{addresses: [10.0.0.1/24]}}}}
    routes: ["10.0.0.0/8 via 10.0.0.254"]
    {a1}
  r1:
    kind: router
    interfaces: {{eth0: {{addresses: [10.0.0.254/24]}}, eth1: {{addresses: [10.0.1.254/24]}}}}
    {r1}
  b1: {{interfaces: {{eth0: {{addresses: [10.0.1.2/24]{b1}}}}}, routes: ["default via 10.0.1.254"]}}
links:
  - [a1:eth0, r1:eth0]
  - {{endpoints: [r1:eth1, b1:eth0], type: cable{cable}}}
traffic:
{traffic}
"""
SWITCHED = """
name: deaths
nodes:
  a1: {{interfaces: {{eth0: {{addresses: [10.0.0.1/24], up: {a1}}}}}}}
  sw1: {{kind: switch, interfaces: {{p1: {{up: {sw1}}}}}}}
links:
  - [a1:eth0, sw1:p1]
traffic:
{traffic}
"""

R1 = "02:00:00:00:02:01"
PING = "{ping: 10.0.1.2, from: a1}"


def routed(expression: str) -> str:
    return f"{{send: '{expression}', from: a1}}"


def frame(expression: str, destination: str = R1) -> str:
    return f"""{{send: 'Ether(dst="{destination}")/{expression}', from: "a1:eth0"}}"""


def conntrack_full() -> dict[str, str]:
    rules = "*filter\\n-A FORWARD -m conntrack --ctstate INVALID -j DROP\\nCOMMIT\\n"
    sysctls = "{net.netfilter.nf_conntrack_max: 1}"
    return {"r1": f'iptables: "{rules}"\n    sysctls: {sysctls}'}


#: Reason; where; what is sent; what is different about the network.
DEATHS: list[tuple[str, str, list[str], dict[str, str]]] = [
    ("IP_INADDRERRORS", "b1", ["{ping: 10.0.1.77, from: a1}"],
     {"r1": 'neighbours: {10.0.1.77: {mac: "02:00:00:00:03:01", dev: eth1}}'}),
    ("PKT_TOO_BIG", "r1", ["{ping: 10.7.0.1, from: a1, size: 1000}"],
     {"r1": 'routes: ["10.7.0.0/16 via 10.0.1.2 mtu 600"]'}),
    ("IP_NOPROTO", "b1", [routed('IP(dst="10.0.1.2", proto=99)/Raw("x")')], {}),
    ("IP_OUTNOROUTES", "a1", [PING],
     {"a1": 'iptables: "*nat\\n-A OUTPUT -j DNAT --to-destination 9.9.9.9\\nCOMMIT\\n"'}),
    ("IP_INVALID_SOURCE", "r1", [routed('IP(src="224.0.0.1", dst="10.0.1.2")/ICMP()')], {}),
    ("IP_INVALID_DEST", "r1", [frame('IP(src="10.0.0.1", dst="0.0.0.9")/ICMP()')], {}),
    ("IP_LOCALNET", "r1", [routed('IP(src="127.0.0.1", dst="10.0.1.2")/ICMP()')], {}),
    ("IP_RPFILTER", "r1", [routed('IP(src="10.0.1.77", dst="10.0.1.2")/ICMP()')],
     {"r1": "sysctls: {net.ipv4.conf.all.rp_filter: 1}"}),
    ("IP_LOCAL_SOURCE", "r1", [routed('IP(src="10.0.0.254", dst="10.0.1.2")/ICMP()')], {}),
    ("PKT_TOO_SMALL", "r1", [frame('IP(src="10.0.0.1", dst="10.0.1.2", len=99)/ICMP()')], {}),
    ("UNHANDLED_PROTO", "r1", [frame('Raw("x")').replace(f'"{R1}"', f'"{R1}", type=4660')], {}),
    ("NEIGH_QUEUEFULL", "a1", [f"{{ping: 10.0.0.9, from: a1, at: 0s, id: {n}}}"
                               for n in range(110)], {}),
    ("ICMP_CSUM", "b1", [routed('IP(dst="10.0.1.2")/ICMP(chksum=1)')], {}),
    ("TCP_CSUM", "b1", [frame('IP(src="10.0.0.1", dst="10.0.1.2")/TCP(chksum=1)')], {}),
    ("UDP_CSUM", "b1", [frame('IP(src="10.0.0.1", dst="10.0.1.2")/UDP(chksum=1)')], {}),
    ("TCP_FLAGS", "r1", [routed('IP(dst="10.0.0.254")/TCP(dport=80, flags="F")')],
     {"r1": "listen: [{tcp: 80}]"}),
    ("ROUTE_UNREACHABLE", "r1", ["{ping: 10.9.0.1, from: a1}"],
     {"r1": 'routes: ["unreachable 10.9.0.0/16"]'}),
    ("ROUTE_PROHIBIT", "r1", ["{ping: 10.9.0.1, from: a1}"],
     {"r1": 'routes: ["prohibit 10.9.0.0/16"]'}),
    ("ROUTE_BLACKHOLE", "r1", ["{ping: 10.9.0.1, from: a1}"],
     {"r1": 'routes: ["blackhole 10.9.0.0/16"]'}),
    ("LINK_LOSS", "r1", [PING],
     {"cable": ", loss: 100%",
      "r1": 'neighbours: {10.0.1.2: {mac: "02:00:00:00:03:01", dev: eth1}}'}),
    ("LINK_TOO_BIG", "r1", ["{ping: 10.0.1.2, from: a1, size: 1200}"], {"b1": ", mtu: 1000"}),
    ("NOT_FOR_HOST", "r1",
     [frame('IP(src="10.0.0.1", dst="10.0.1.2")/ICMP()', "ff:ff:ff:ff:ff:ff")], {}),
    ("CONNTRACK_FULL", "r1", [PING, "{ping: 10.0.1.2, from: a1, id: 2}"], conntrack_full()),
]  # fmt: skip


def deaths(text: str, tmp_path) -> Iterator[tuple[str, str]]:
    file = tmp_path / "deaths.yaml"
    file.write_text(text)
    lab = Lab.load(file)
    lab.run()
    for hop in lab.trace.hops:
        for end in copies(hop.verdict):
            if isinstance(end, Dropped):
                assert end.text
                yield hop.node, end.reason.name


def items(traffic: list[str]) -> str:
    return "\n".join(f"  - {item}" for item in traffic)


@pytest.mark.parametrize(
    ("reason", "node", "traffic", "other"), DEATHS, ids=[death[0] for death in DEATHS]
)
def test_a_packet_dies_for(reason, node, traffic, other, tmp_path):
    keys = dict.fromkeys(("a1", "b1", "r1", "cable"), "") | other
    text = ROUTED.format(traffic=items(traffic), **keys)
    assert (node, reason) in set(deaths(text, tmp_path))


UNKNOWN = """{send: 'Ether(dst="02:00:00:00:00:99")/Raw("x")', from: "a1:eth0"}"""
GROUP = UNKNOWN.replace("Ether(", 'Ether(src="01:00:5e:00:00:05", ')
PAUSE = """{send: 'Ether(dst="01:80:c2:00:00:01", type=34824)/Raw("x")', from: "a1:eth0"}"""


def switched(item: str, a1: str = "true", sw1: str = "true") -> str:
    return SWITCHED.format(traffic=items([item]), a1=a1, sw1=sw1)


@pytest.mark.parametrize(("reason", "node", "text"), [
    (DropReason.BRIDGE_NO_PORT, "sw1", switched(UNKNOWN)),
    (DropReason.BRIDGE_SAME_PORT, "sw1", switched(UNKNOWN.replace("00:99", "01:01"))),
    (DropReason.BRIDGE_OWN_SOURCE, "sw1", switched(GROUP)),
    (DropReason.MAC_IEEE_MAC_CONTROL, "sw1", switched(PAUSE)),
    (DropReason.LINK_DOWN, "a1", switched(UNKNOWN, sw1="false")),
    (DropReason.DEV_READY, "a1", switched(UNKNOWN, a1="false")),
])  # fmt: skip
def test_a_frame_dies_for(reason, node, text, tmp_path):
    assert (node, reason.name) in set(deaths(text, tmp_path))


def test_a_frame_dies_where_its_cable_was_pulled_out(tmp_path):
    file = tmp_path / "deaths.yaml"
    file.write_text(switched(UNKNOWN))
    lab = Lab.load(file)
    lab.interface("a1:eth0").medium = None
    lab.run()
    (hop,) = lab.trace.hops
    assert isinstance(hop.verdict, Dropped)
    assert hop.verdict.reason is DropReason.NO_CABLE


def test_an_expectation_may_be_about_a_frame_that_is_no_ipv4(tmp_path):
    file = tmp_path / "deaths.yaml"
    expected = UNKNOWN.replace("from:", "expect: {dropped: sw1, reason: BRIDGE_NO_PORT}, from:")
    file.write_text(switched(expected))
    (result,) = Lab.load(file).run()
    assert result.failure is None
