"""Routes are taken and refused as the kernel takes and refuses them."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from ipaddress import IPv4Address, IPv4Network

import pytest
from topology_samples import faults

from pknet.topology.routes import route

NETWORK = """\
name: t
nodes:
  A:
    interfaces:
      eth0: {addresses: [192.168.0.1/24]}
      eth1: {addresses: [10.9.0.1/24], up: false}
    routes:
ROUTES
  B: {}
links: [[A:eth0, B:eth0], [A:eth1, B:eth1]]
"""

#: The same network; then each route, and what ip says to it.
KERNEL = """
ip link set lo up
ip link add eth0 type veth peer name b0
ip link add eth1 type veth peer name b1
ip addr add 192.168.0.1/24 dev eth0
ip addr add 10.9.0.1/24 dev eth1
ip link set b0 up
ip link set eth0 up
while IFS= read -r words; do ip route add $words 2>/dev/null; echo $?; done
"""

#: Lists of routes, each added in its order; the kernel's answers decide.
CASES = {
    "gateways": [
        "10.1.0.0/24 via 192.168.0.2",
        "10.1.1.0/24 via 192.168.0.1",
        "10.1.2.0/24 via 192.168.0.255",
        "10.1.3.0/24 via 192.168.0.0",
        "10.1.4.0/24 via 192.168.1.2",
        "10.1.5.0/24 via 10.9.0.2",
        "10.1.6.0/24 via 127.0.0.1",
        "10.1.7.0/24 via 192.168.0.2 dev eth0",
        "10.1.8.0/24 via 192.168.0.2 dev eth1",
        "10.1.9.0/24 via 192.168.0.2 dev lo",
        "10.1.10.0/24 via 192.168.0.2 dev eth9",
    ],
    "on-link": [
        "169.254.1.1 dev eth0",
        "default via 169.254.1.1 dev eth0",
        "10.2.0.0/24 via 172.16.0.1 onlink",
        "10.2.1.0/24 via 172.16.0.1 dev eth0 onlink",
        "10.2.2.0/24 via 192.168.0.1 dev eth0 onlink",
        "10.2.3.0/24 via 192.168.0.255 dev eth0 onlink",
        "10.2.4.0/24 dev eth0 onlink",
        "10.2.5.0/24 via 172.16.0.1 dev eth1 onlink",
    ],
    "gateways behind gateways": [
        "172.20.0.0/16 via 192.168.0.2",
        "10.3.0.0/24 via 172.20.0.1",
        "172.20.1.0/24 dev eth0",
        "10.3.1.0/24 via 172.20.1.1",
        "172.20.2.0/24 dev eth0 scope global",
        "10.3.2.0/24 via 172.20.2.1",
        "unreachable 192.168.0.128/25",
        "10.3.3.0/24 via 192.168.0.129",
        "unreachable 192.168.0.64/26 scope link",
        "10.3.4.0/24 via 192.168.0.65",
        "10.3.5.0/24 via 192.168.0.65 dev eth0",
    ],
    "twice": [
        "192.168.0.0/24 dev eth0",
        "192.168.0.0/24 dev eth0 metric 5",
        "192.168.0.0/24 dev eth0 metric 5",
        "10.9.0.0/24 via 192.168.0.2",
        "default via 192.168.0.2",
        "default via 192.168.0.3",
        "unreachable default metric 1",
    ],
    "types": [
        "unreachable 10.4.0.0/16",
        "prohibit 10.5.0.0/16",
        "blackhole 10.6.0.0/16",
        "throw 10.7.0.0/16",
        "unreachable 10.8.0.0/16 dev eth0",
        "blackhole 10.8.0.0/16 via 192.168.0.2",
        "local 10.8.0.0/16 dev lo",
        "local 10.8.1.0/24",
        "local 10.8.2.0/24 dev lo via 192.168.0.2",
        "unicast 10.8.3.0/24 via 192.168.0.2",
    ],
    "options": [
        "10.10.0.0/24 via 192.168.0.2 src 192.168.0.1",
        "10.10.1.0/24 via 192.168.0.2 src 192.168.0.9",
        "10.10.2.0/24 via 192.168.0.2 src 10.9.0.1",
        "10.10.3.0/24 via 192.168.0.2 metric 0x10",
        "10.10.4.0/24 via 192.168.0.2 metric many",
        "10.10.5.0/24 via 192.168.0.2 mtu 1400",
        "10.10.6.0/24 via 192.168.0.2 proto static",
        "10.10.7.0/24 via 192.168.0.2 proto foo",
        "10.10.8.0/24 via 192.168.0.2 table main",
        "10.10.9.0/24 via 192.168.0.2 scope link",
        "10.10.10.0/24 via 192.168.0.2 scope host",
        "10.10.11.0/24 dev eth0 scope host",
        "10.10.12.0/24 dev eth0 scope universe",
        "10.10.13.0/24 dev eth1",
        "10.10.14.0/24 via 192.168.0.2 via 192.168.0.3",
        "10.10.15.0/24",
        "10.10.16.0/24 192.168.0.2",
        "via 192.168.0.2",
    ],
    "prefixes": [
        "10.11.0.5 via 192.168.0.2",
        "10.11.1.1/24 via 192.168.0.2",
        "10.11.2.0/255.255.255.0 via 192.168.0.2",
        "10.11.3.0/0.0.0.255 via 192.168.0.2",
        "10.11.4.0/33 via 192.168.0.2",
        "to 10.11.5.0/24 via 192.168.0.2",
        "0.0.0.0/0 via 192.168.0.2",
        "default via 192.168.0.2",
    ],
}

needs_kernel = pytest.mark.skipif(
    platform.system() != "Linux" or os.geteuid() != 0 or not shutil.which("unshare"),
    reason="needs Linux, root, unshare and iproute2",
)


def taken(routes: list[str]) -> list[bool]:
    """Which of ``routes`` the loader takes."""
    lines = "\n".join(f'      - "{words}"' for words in routes)
    wrong = [fault.split(": ")[1] for fault in faults(NETWORK.replace("ROUTES", lines))]
    return [f"nodes.A.routes[{index}]" not in wrong for index in range(len(routes))]


@pytest.mark.kernel
@needs_kernel
@pytest.mark.parametrize("case", CASES)
def test_the_kernel_takes_and_refuses_the_same_routes(case: str) -> None:
    told = subprocess.run(
        ["unshare", "--net", "sh", "-c", KERNEL],
        input="\n".join(CASES[case]) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    by_kernel = [status == "0" for status in told.stdout.split()]
    assert dict(zip(CASES[case], taken(CASES[case]), strict=True)) == dict(
        zip(CASES[case], by_kernel, strict=True)
    )


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("10.1.2.0/24 via 192.168.0.2", "global"),
        ("10.1.2.0/24 dev eth0", "link"),
        ("10.1.2.0/24 dev eth0 scope host", "host"),
        ("local 10.1.2.0/24 dev lo", "host"),
        ("unreachable 10.1.2.0/24", "global"),
    ],
)
def test_the_scope_that_iproute2_would_give(text: str, scope: str) -> None:
    assert route(text).scope == scope


def test_every_word_has_its_field() -> None:
    found = route(
        "10.1.2.0/24 via 10.0.0.2 dev eth0 src 10.0.0.1 metric 5 mtu 1400 onlink proto static"
    )
    assert (found.prefix, found.via) == (IPv4Network("10.1.2.0/24"), IPv4Address("10.0.0.2"))
    assert (found.dev, found.src, found.metric) == ("eth0", IPv4Address("10.0.0.1"), 5)
    assert (found.mtu, found.onlink, found.protocol) == (1400, True, "static")


def test_an_address_alone_is_a_host_route() -> None:
    assert route("10.1.2.3 dev eth0").prefix == IPv4Network("10.1.2.3/32")


def test_default_is_the_whole_of_ipv4() -> None:
    assert route("default dev eth0").prefix == IPv4Network("0.0.0.0/0")


def test_the_words_of_iproute2_for_one_thing() -> None:
    for word in ("metric", "preference", "priority"):
        assert route(f"default dev eth0 {word} 7").metric == 7
