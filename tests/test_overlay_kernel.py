"""VXLAN, frame by frame on every interface, against the real kernel; each case flips one input."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_backend import needs_kernel
from overlay_scenes import B_MAC, LOOP, PING, big, frame, outer, two_nodes

from pknet.cli.verify import verify
from pknet.kernel.build import built
from pknet.kernel.errors import KernelUnavailableError
from pknet.kernel.run import run
from pknet.lab.lab import Lab
from pknet.netns.namespace import Namespace
from pknet.report.show import view
from pknet.topology.load import load, load_text
from pknet.topology.spec import Spec

pytestmark = needs_kernel

TOPOLOGIES = Path(__file__).parent.parent / "topologies"
TCP = '{tcp: "10.1.2.1:8080", from: a1, payload: hi}'
UDP = '{udp: "10.1.2.1:53", from: a1, payload: hi}'
MARK = "*mangle\\n-A {} -j MARK --set-mark 5\\nCOMMIT\\n*filter\\n-A {} -m mark --mark 5 -j DROP\\n"
SNAT = "*nat\\n-A POSTROUTING -s 10.1.1.0/24 -o vx -j MASQUERADE\\nCOMMIT\\n"


def tos(value: int) -> str:
    return f"""{{send: 'IP(dst="10.1.2.1", tos={value})/ICMP(id=1, seq=1)', from: a1}}"""


def cases() -> Iterator[tuple[str, Spec]]:
    yield "as it is", two_nodes(PING, TCP, UDP)
    yield "no checksum", two_nodes(PING, UDP, options="nolearning noudpcsum")
    yield "a ttl that ends on the way", two_nodes(PING, options="ttl 1")
    short = PING.replace("ipid: 7", "ipid: 8, ttl: 3")
    yield (
        "ttl and tos inherited",
        two_nodes(PING, short, tos(0x2E), tos(3), options="ttl inherit tos inherit"),
    )
    yield "a tos of its own", two_nodes(tos(0x2E), tos(3), options="tos 10")
    yield "one source port", two_nodes(PING, options="srcport 5000 5001")
    yield "another port", two_nodes(PING, options="dstport 5555")
    yield "another VNI", two_nodes(PING, type_b="vxlan id 2 local 192.168.2.1")
    yield "no entry", two_nodes(PING, fdb="")
    yield (
        "no neighbour: ARP to everyone, and what is learnt",
        two_nodes(PING, PING, options="remote 192.168.2.1", far="learning", fdb="", neighbours=""),
    )
    yield (
        "the wrong MAC",
        two_nodes(
            PING,
            fdb='"02:00:00:00:03:f2 dev vx dst 192.168.2.1"',
            neighbours='10.1.2.0: {mac: "02:00:00:00:03:f2", dev: vx}',
        ),
    )
    yield (
        "no route to the far end",
        two_nodes(PING, fdb=f'"{B_MAC} dev vx dst 10.1.2.9"', type_a="vxlan id 1"),
    )


def size_cases() -> Iterator[tuple[str, Spec]]:
    small = [big(1422), big(1423, seq=2), big(3000, df=False, seq=3)]
    yield "what fits and what does not", two_nodes(*small)
    both = [big(1472), big(1473, df=False, seq=2), big(1472, of="node-a", seq=3)]
    large = [*both, big(1472, of="node-a", seq=4)]
    yield "an MTU that is too large", two_nodes(*large, mtu=1500)
    yield (
        "and the outer packet must not be cut",
        two_nodes(*large, mtu=1500, options="nolearning df set"),
    )
    yield (
        "or as the inner packet says",
        two_nodes(*both[:2], mtu=1500, options="nolearning df inherit"),
    )
    narrow = [big(1400), big(1400, seq=2), big(1400, of="node-a", seq=3)]
    yield "a router that carries less", two_nodes(*narrow, router_mtu=1400)
    yield "and says so", two_nodes(*narrow, router_mtu=1400, options="nolearning df set")


def rule_cases() -> Iterator[tuple[str, Spec]]:
    marks = MARK.format("FORWARD -p icmp", "OUTPUT -p udp") + "COMMIT\\n"
    yield "an inner mark is the outer packet's", two_nodes(PING, UDP, rules_a=marks)
    marks = MARK.format("PREROUTING -p udp --dport 8472", "FORWARD -p icmp") + "COMMIT\\n"
    yield "an outer mark is the inner packet's", two_nodes(PING, UDP, rules_b=marks)
    states = "*filter\\n-A INPUT -m conntrack --ctstate NEW -j ACCEPT\\nCOMMIT\\n"
    yield (
        "each packet has a connection of its own",
        two_nodes(PING, TCP, rules_a=SNAT, rules_b=states),
    )
    ports = "*nat\\n-A POSTROUTING -o eth0 -p udp -j SNAT --to-source 192.168.1.1:7000\\n"
    yield "the outer packet can be translated", two_nodes(PING, rules_a=ports + "COMMIT\\n")
    refuse = "*filter\\n-A INPUT -p udp -j REJECT\\nCOMMIT\\n"
    yield "and refused", two_nodes(PING, rules_b=refuse)
    yield (
        "fragments are joined for connection tracking",
        two_nodes(big(1472), mtu=1500, rules_a=SNAT, rules_b=states),
    )


def raw_cases() -> Iterator[tuple[str, Spec]]:
    yield (
        "headers made by hand",
        two_nodes(
            outer(frame(), header="0800000100000100"),
            outer(frame(), header="0800000000000101"),
            outer(frame(), header="0000000000000100"),
            outer(frame(), header="0800000000000200"),
            outer("", header="08000000"),
            outer('/Raw("abc")'),
        ),
    )
    yield "tunnels that lead into each other", load_text(LOOP, Path("loop.yaml"))
    yield (
        "frames made by hand",
        two_nodes(
            outer(frame(src=B_MAC)),
            outer(frame(dst="02:00:00:00:03:99")),
            outer(frame(src="01:00:00:00:03:f1")),
            outer(frame(src="02:00:00:00:01:f3")),
            outer(f'/Ether(src="02:00:00:00:01:f1", dst="{B_MAC}", type=0x800)/Raw("abc")'),
            far="learning",
        ),
    )
    marks = [(0, 3), (2, 3), (2, 1), (1, 2), (3, 1)]
    yield (
        "congestion marks",
        two_nodes(*(outer(frame(tos=inner), tos=mark) for inner, mark in marks)),
    )


CASES = dict([*cases(), *size_cases(), *rule_cases(), *raw_cases()])


def differences(spec: Spec) -> list[str]:
    """Frames and drop reasons."""
    verification = verify(spec)
    return [] if verification.same else list(verification.lines())


@pytest.mark.parametrize("name", CASES)
def test_the_kernel_does_the_same(name: str) -> None:
    assert differences(CASES[name]) == []


def test_the_kernel_does_the_same_in_the_shipped_topology() -> None:
    assert differences(load(TOPOLOGIES / "overlay-vxlan.yaml")) == []


def test_a_kernel_without_ipip_says_that_it_is_no_judge() -> None:
    spec = load(TOPOLOGIES / "overlay-ipip.yaml")
    if Path("/sys/module/ipip").exists():
        assert differences(spec) == []
        return
    with pytest.raises(KernelUnavailableError, match="it lacks devices of type ipip"):
        run(spec)


def test_what_is_shown_is_what_iproute2_and_bridge_print() -> None:
    spec = two_nodes(PING, far="learning remote 192.168.1.1")
    lab = Lab(spec)
    with built(spec) as namespaces:
        for node in ("node-a", "node-b"):
            with namespaces[node].entered():
                printed = [
                    subprocess.run(command.split(), capture_output=True, text=True, check=True)
                    for command in ("ip link show vx", "ip addr show vx", "bridge fdb show dev vx")
                ]
            device = lab.nodes[node]
            assert isinstance(device, Namespace)
            for done, name in zip(printed, ("link", "addr", "fdb"), strict=True):
                theirs = {re.sub(r"^\d+: ", "", line) for line in done.stdout.splitlines()}
                # Of one device, bridge does not say its name.
                ours = {re.sub(r"^\d+: | dev vx(?= dst)", "", line) for line in view(name)(device)}
                assert theirs <= ours, (node, name)
                assert [line for line in ours if "vx" in line or "dst" in line] == [
                    line for line in ours if line in theirs and ("vx" in line or "dst" in line)
                ]


def test_the_kernel_draws_source_ports_from_the_same_range() -> None:
    crossed = run(two_nodes(PING, TCP, UDP)).frames["node-a", "eth0"]
    ports = {
        int.from_bytes(each.wire[34:36], "big")
        for each in crossed
        if each.direction == "out" and each.wire[36:38] == (8472).to_bytes(2, "big")
    }
    assert ports
    assert all(port in range(32768, 60999) for port in ports)
