"""`pknet show` prints what iproute2 and bridge print: held against both, on the same network."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator

import pytest

from pknet.link.bridge import Bridge
from pknet.link.cable import Cable
from pknet.link.device import Device
from pknet.link.interface import Interface
from pknet.link.loopback import Loopback
from pknet.link.skb import Skb
from pknet.link.veth import Veth
from pknet.netns.address import Addresses
from pknet.netns.fib import Fib
from pknet.netns.neighbour_entry import Neighbour, Nud
from pknet.netns.route import Route, RouteType, Scope
from pknet.report.show import view
from pknet.sim import Clock, Rng
from pknet.sim.clock import SECOND
from pknet.trace import Dropped, DropReason, Trace, Verdict
from pknet.wire.address import ip_int, mac_bytes


class Stack(Device):
    """A node with tables and nothing that walks packets."""

    def __init__(self, name: str, clock: Clock) -> None:
        super().__init__(name, clock, Rng(1), Trace())
        self.fib = Fib()
        self.addresses = Addresses(self.fib)
        self.neighbours: list[Neighbour] = []
        self.attach(Loopback(self))
        self.addresses.add(self.interfaces["lo"], ip_int("127.0.0.1"), 8, Scope.HOST)

    def receive(self, skb: Skb) -> Verdict:
        return Dropped(DropReason.OTHERHOST)

    def add(self, name: str, mac: str) -> Interface:
        return self.attach(Interface(self, name, mac_bytes(mac)))

    def neighbour(self, address: str, dev: str, mac: str, state: Nud) -> None:
        entry = Neighbour(ip_int(address), self.interfaces[dev])
        entry.mac = mac_bytes(mac) if mac else b""
        entry.state = state
        self.neighbours.append(entry)


#: The names of the namespaces, which no other run has; the last is that of the pod.
NODE, POD = f"pkshow-node-{os.getpid()}", f"pkshow-pod-{os.getpid()}"

BUILD = f"""
link add vA1 type veth peer name eth0 address 02:00:00:00:02:01 netns {POD}
link set vA1 address 02:00:00:00:01:01
link add br0 address 02:00:00:00:01:04 type bridge mcast_snooping 0
link set vA1 master br0
link set lo up
link set vA1 up
link set br0 up
addr add 10.1.1.254/24 dev br0
addr add 10.1.1.253/24 dev br0
addr add 10.9.9.9/32 dev br0
route add default via 10.1.1.1
route add 10.1.2.0/24 via 10.1.1.1
route add unreachable 10.0.0.0/8
route add blackhole 10.3.0.0/16
route add prohibit 10.4.0.0/16 metric 5
route add throw 10.5.0.0/16
route add 10.6.0.0/16 dev br0
route add 10.6.0.0/16 dev br0 metric 100 src 10.1.1.254
route add 10.7.0.1/32 via 10.1.1.1 dev br0 mtu 1400
route add 10.8.0.0/24 via 192.168.77.1 dev br0 onlink
neigh add 10.1.1.77 lladdr 02:00:00:00:99:01 dev br0 nud permanent
neigh add 10.1.1.78 lladdr 02:00:00:00:99:02 dev br0 nud stale
"""


def build() -> tuple[Stack, Stack]:
    """What BUILD says, without a kernel."""
    clock = Clock()
    node, pod = Stack(NODE, clock), Stack(POD, clock)
    port, bridge = node.add("vA1", "02:00:00:00:01:01"), Bridge(node, "br0", mac_bytes(
        "02:00:00:00:01:04"))  # fmt: skip
    node.attach(bridge)
    bridge.add_port(port)
    eth0 = pod.add("eth0", "02:00:00:00:02:01")
    Veth(clock, port, eth0)
    for address, length in (("10.1.1.254", 24), ("10.1.1.253", 24), ("10.9.9.9", 32)):
        node.addresses.add(bridge, ip_int(address), length)
    gateway = ip_int("10.1.1.1")
    for prefix, length, more in (
        ("0.0.0.0", 0, {"via": gateway, "dev": bridge}),
        ("10.1.2.0", 24, {"via": gateway, "dev": bridge}),
        ("10.0.0.0", 8, {"type": RouteType.UNREACHABLE}),
        ("10.3.0.0", 16, {"type": RouteType.BLACKHOLE}),
        ("10.4.0.0", 16, {"type": RouteType.PROHIBIT, "metric": 5}),
        ("10.5.0.0", 16, {"type": RouteType.THROW}),
        ("10.6.0.0", 16, {"dev": bridge, "scope": Scope.LINK}),
        ("10.6.0.0", 16, {"dev": bridge, "scope": Scope.LINK, "metric": 100,
                          "src": ip_int("10.1.1.254")}),
        ("10.7.0.1", 32, {"via": gateway, "dev": bridge, "mtu": 1400}),
        ("10.8.0.0", 24, {"via": ip_int("192.168.77.1"), "dev": bridge, "onlink": True}),
    ):  # fmt: skip
        node.fib.main.add(Route(ip_int(prefix), length, **more))
    node.neighbour("10.1.1.77", "br0", "02:00:00:00:99:01", Nud.PERMANENT)
    node.neighbour("10.1.1.78", "br0", "02:00:00:00:99:02", Nud.STALE)
    return node, pod


def shown(node: Stack, name: str) -> list[str]:
    return list(view(name)(node))


def sh(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def kernel() -> Iterator[None]:
    """The same network in two namespaces of the real kernel."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    try:
        for name in (NODE, POD):
            sh("ip", "netns", "add", name)
            for scope in ("all", "default"):
                sh("ip", "netns", "exec", name, "sysctl", "-qw",
                   f"net.ipv6.conf.{scope}.disable_ipv6=1")  # fmt: skip
        subprocess.run(
            ["ip", "-n", NODE, "-batch", "-"], input=BUILD.strip(), text=True, check=True
        )
        sh("ip", "-n", POD, "link", "set", "eth0", "up")
        sh("ip", "-n", POD, "link", "set", "lo", "up")
        _wait_for_carrier()
        yield
    finally:
        for name in (NODE, POD):
            subprocess.run(["ip", "netns", "del", name], check=False)


def _wait_for_carrier() -> None:
    """A device is up only when linkwatch has run."""
    for _ in range(500):
        links = sh("ip", "-n", NODE, "link") + sh("ip", "-n", POD, "link")
        if links.count("state UP") == 3:
            return
    pytest.fail("the devices never came up")


@pytest.mark.kernel
@pytest.mark.parametrize("which", [NODE, POD], ids=["node", "pod"])
@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("addr", ["ip", "address"]),
        ("link", ["ip", "link"]),
        ("route", ["ip", "route"]),
        ("neigh", ["ip", "neigh"]),
        ("fdb", ["bridge", "fdb", "show"]),
    ],
)
def test_a_view_is_what_the_real_program_prints(kernel, name, command, which):
    stack = dict(zip((NODE, POD), build(), strict=True))[which]
    real = sh("ip", "netns", "exec", which, *command).splitlines()
    real = [re.sub(r"@if\d+", "@if", line) for line in real]
    ours = [re.sub(r"@if\d+", "@if", line) for line in shown(stack, name)]
    if name == "neigh":  # the kernel lists them by hash
        real.sort()
        ours.sort()
    assert ours == real


def test_a_route_ends_in_a_space_as_iproute2_leaves_it():
    node, _ = build()
    assert shown(node, "route")[:3] == [
        "default via 10.1.1.1 dev br0 ",
        "unreachable 10.0.0.0/8 ",
        "10.1.1.0/24 dev br0 proto kernel scope link src 10.1.1.254 ",
    ]


def test_a_route_without_carrier_says_linkdown_and_one_of_a_dead_device_is_gone():
    node, pod = build()
    pod.interfaces["eth0"].up = False
    assert "10.1.2.0/24 via 10.1.1.1 dev br0 linkdown " in shown(node, "route")
    node.interfaces["br0"].up = False
    assert shown(node, "route") == [
        "unreachable 10.0.0.0/8 ", "blackhole 10.3.0.0/16 ", "prohibit 10.4.0.0/16 metric 5 ",
        "throw 10.5.0.0/16 ",
    ]  # fmt: skip


def test_the_last_port_takes_the_bridges_carrier_with_it():
    node, _ = build()
    node.interfaces["vA1"].up = False
    lines = [line.split(" mtu ")[0] for line in shown(node, "link")[::2]]
    assert lines[1].endswith("<BROADCAST,MULTICAST>")
    assert lines[2].endswith("br0: <NO-CARRIER,BROADCAST,MULTICAST,UP>")


def test_a_cable_end_has_a_queue_and_no_peer_in_its_name():
    clock = Clock()
    a, b = Stack("a", clock), Stack("b", clock)
    Cable(clock, Rng(1).stream("c"), a.add("eth0", "02:00:00:00:00:01"),
          b.add("eth0", "02:00:00:00:00:02"))  # fmt: skip
    assert shown(a, "link")[2].startswith(
        "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP"
    )


def test_a_neighbour_that_failed_has_no_address_to_show():
    node, _ = build()
    node.neighbour("10.1.1.66", "br0", "02:00:00:00:99:09", Nud.FAILED)
    node.neighbour("10.1.1.67", "br0", "", Nud.INCOMPLETE)
    assert shown(node, "neigh")[-2:] == [
        "10.1.1.66 dev br0 FAILED ", "10.1.1.67 dev br0 INCOMPLETE ",
    ]  # fmt: skip


def test_learned_addresses_come_newest_first_and_leave_when_they_are_old():
    node, _ = build()
    bridge, port = node.interfaces["br0"], node.interfaces["vA1"]
    bridge.fdb.learn(mac_bytes("02:00:00:00:02:01"), port)
    node.clock.now = 200 * SECOND
    bridge.fdb.learn(mac_bytes("02:00:00:00:02:02"), port)
    learned = [line for line in shown(node, "fdb") if line.endswith("master br0 ")]
    assert learned == [
        "02:00:00:00:02:02 dev vA1 master br0 ", "02:00:00:00:02:01 dev vA1 master br0 ",
    ]  # fmt: skip
    node.clock.now = 301 * SECOND
    learned = [line for line in shown(node, "fdb") if line.endswith("master br0 ")]
    assert learned == ["02:00:00:00:02:02 dev vA1 master br0 "]
