"""A topology as real namespaces: what the kernel is told, and what is left when it is over."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from kernel_backend import needs_kernel, pair, play

from pknet.kernel import build, commands
from pknet.kernel.errors import KernelError, KernelUnavailableError, KernelUnsupportedError
from pknet.kernel.run import run
from pknet.topology.load import load_text
from pknet.topology.spec import RouteSpec, Spec

pytestmark = needs_kernel
PING = "{ping: 10.0.0.2, from: a1}"


def spec(text: str) -> Spec:
    return load_text(text, Path("test.yaml"))


def said(command: str) -> str:
    return subprocess.run(command.split(), check=True, capture_output=True, text=True).stdout


def state_of_this_machine() -> list[str]:
    asked = ["ip -o addr", "ip route show table all", "ip rule", "ip netns", "iptables-save",
             "sysctl net.ipv4.conf net.ipv4.ip_forward net.ipv6.conf net.bridge"]  # fmt: skip
    lines = "\n".join(said(each) for each in asked).splitlines()
    return [line for line in lines if not line.startswith("#") and "_lft" not in line]


def test_the_machine_is_as_before() -> None:
    rules = 'sysctls: {net.ipv4.ip_forward: 1}, iptables: "*nat\\nCOMMIT\\n"'
    before, descriptors = state_of_this_machine(), os.listdir("/proc/self/fd")
    play(pair(PING, a1=rules))
    assert state_of_this_machine() == before
    assert len(os.listdir("/proc/self/fd")) == len(descriptors)


def test_nothing_is_left_when_the_block_is_left_by_an_exception() -> None:
    descriptors, here = os.listdir("/proc/self/fd"), os.readlink("/proc/thread-self/ns/net")
    with pytest.raises(KeyboardInterrupt), build.built(spec(pair(PING))):
        raise KeyboardInterrupt
    assert len(os.listdir("/proc/self/fd")) == len(descriptors)
    assert os.readlink("/proc/thread-self/ns/net") == here


def test_every_device_that_can_run_is_running() -> None:
    more = "  c1: {interfaces: {eth0: {up: false}}}\n  d1: {}\nlinks:\n  - ['c1:eth0', 'd1:eth0']"
    up = set()
    with build.built(spec(pair(PING).replace("links:", more))) as namespaces:
        for name, namespace in namespaces.items():
            with namespace.entered():
                up.update({name} if "state UP" in said("ip link show eth0") else ())
    assert up == {"a1", "b1"}


def changed(**values: object) -> Spec:
    """A pair whose first node has what a file would not be allowed to say."""
    good = spec(pair(PING))
    return replace(good, nodes=(replace(good.nodes[0], **values), *good.nodes[1:]))


def test_sysctls_of_a_node_override_the_quiet_ones() -> None:
    own = (("net.ipv4.icmp_ratelimit", 12), ("net.ipv4.conf.eth0.rp_filter", 2))
    with build.built(changed(sysctls=own)) as namespaces, namespaces["a1"].entered():
        values = {
            key: Path("/proc/sys/net/ipv4", key).read_text().strip()
            for key in ("icmp_ratelimit", "conf/eth0/rp_filter", "tcp_ecn", "neigh/eth0/locktime")
        }
    assert values == {
        "icmp_ratelimit": "12",
        "conf/eth0/rp_filter": "2",
        "tcp_ecn": "0",
        "neigh/eth0/locktime": "0",
    }


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"sysctls": (("net.ipv4.none", 1),)}, r"sysctl net\.ipv4\.none = 1: No such file"),
        (
            {"routes": (RouteSpec("10.9.0.0/16 via 10.8.0.1", IPv4Network("10.9.0.0/16")),)},
            r"ip: Error: Nexthop .*: route add 10\.9\.0\.0/16 via 10\.8\.0\.1",
        ),
        ({"iptables": "*filter\n-A NONE -j DROP\nCOMMIT\n"}, "iptables-restore: line 2 failed"),
        ({"ipset": "add none 10.0.0.1"}, "ipset: .*line 1"),
    ],
)
def test_what_the_kernel_refuses_is_quoted_with_its_node(
    values: dict[str, object], told: str
) -> None:
    with pytest.raises(KernelError, match=f"(?s)a1: {told}"):
        run(changed(**values))


@pytest.mark.parametrize(("asked", "word"), [("loss: 1%", "loss"), ("rate: 1mbit", "rate"),
                                             ("up: false", "up: false")])  # fmt: skip
def test_a_link_that_needs_netem_is_refused(asked: str, word: str) -> None:
    text = pair(PING).replace(
        "['a1:eth0', 'b1:eth0']", f"{{endpoints: ['a1:eth0', 'b1:eth0'], type: cable, {asked}}}"
    )
    with pytest.raises(KernelUnsupportedError, match=f"link a1:eth0 - b1:eth0: {word} is not"):
        list(commands.links_of(spec(text), {"a1": "x", "b1": "y"}))


def test_everything_that_is_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(build.shutil, "which", lambda tool: None)
    wanted = r"root \(run it with sudo\), ip \(install iproute2\), iptables-restore \(install ipt"
    with pytest.raises(KernelUnavailableError, match=wanted):
        build.require(spec(pair(PING, a1='iptables: "*nat\\nCOMMIT\\n"')))


def test_another_system_is_no_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build.platform, "system", lambda: "Darwin")
    with pytest.raises(KernelUnavailableError, match="this is Darwin"):
        build.require(spec(pair(PING)))
