"""Settings of a namespace: Linux's names, defaults and ways to make one of several values."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

import pknet
from pknet.kernel.sysctl import BASE, BASE_NEIGHBOUR, path_of
from pknet.netns.conntrack.settings import Settings
from pknet.netns.sysctl import Sysctls
from pknet.netns.sysctl_setting import Combine, Setting
from pknet.netns.sysctl_table import CONF, GLOBAL, NEIGH, canonical, device_of, names, setting_of

EVERY = {name: setting for name in names("eth0") if (setting := setting_of(name)) is not None}
ALL, OWN = "net.ipv4.conf.all", "net.ipv4.conf.eth0"


def test_every_name_has_its_entry() -> None:
    assert len(EVERY) == len(GLOBAL) + len(CONF) + len(NEIGH)
    assert list(EVERY) == list(names("eth0"))


@pytest.mark.parametrize("name", EVERY)
def test_every_default_is_allowed(name: str) -> None:
    setting = EVERY[name]
    assert setting.parse(str(setting.default)) == setting.default
    assert Sysctls().get(name) == setting.default


def test_what_the_kernel_backend_sets_is_the_default_here() -> None:
    assert {name: Sysctls().get(name) for name in BASE} == BASE
    assert {name: NEIGH[name].default for name in BASE_NEIGHBOUR} == BASE_NEIGHBOUR


@pytest.mark.kernel
@pytest.mark.skipif(
    platform.system() != "Linux" or os.geteuid() != 0 or not shutil.which("unshare"),
    reason="needs Linux, root and unshare",
)
def test_the_other_defaults_are_those_of_a_fresh_namespace() -> None:
    ours = {name: setting for name, setting in EVERY.items() if not setting.quiet}
    script = "ip link add eth0 type veth peer name b0\nexec cat " + " ".join(
        str(path_of(name)) for name in ours
    )
    told = subprocess.run(
        ["unshare", "--net", "sh", "-c", script], capture_output=True, text=True, check=True
    )
    kernels = [" ".join(line.split()) for line in told.stdout.splitlines()]
    assert dict(zip(ours, kernels, strict=True)) == {
        name: str(setting.default) for name, setting in ours.items()
    }


SOURCES = "".join(
    path.read_text(encoding="utf-8")
    for path in sorted(Path(pknet.__file__).parent.rglob("*.py"))
    if path.parent.name not in ("kernel", "topology") and path.stem != "sysctl_table"
)
CONNTRACK = {field.name for field in fields(Settings)}


def is_read(name: str) -> bool:
    """Whether the code asks for ``name``: in quotes, or as a setting of connection tracking."""
    last = name.rpartition(".")[2]
    return f'{last}"' in SOURCES or last.removeprefix("nf_conntrack_") in CONNTRACK


@pytest.mark.parametrize("name", [name for name, it in EVERY.items() if not it.inert])
def test_a_setting_can_be_changed_if_something_reads_it(name: str) -> None:
    assert is_read(name) is not EVERY[name].fixed


@pytest.mark.parametrize(
    ("combine", "both"),
    [
        (Combine.OWN, {(0, 0): 0, (1, 0): 0, (0, 1): 1, (1, 1): 1}),
        (Combine.OR, {(0, 0): 0, (1, 0): 1, (0, 1): 1, (1, 1): 1}),
        (Combine.AND, {(0, 0): 0, (1, 0): 0, (0, 1): 0, (1, 1): 1}),
        (Combine.MAX, {(0, 0): 0, (2, 1): 2, (1, 2): 2, (1, 1): 1}),
    ],
)
def test_all_and_the_device_together(combine: Combine, both: dict[tuple[int, int], int]) -> None:
    name = next(name for name, setting in CONF.items() if setting.combine is combine)
    for (everywhere, own), value in both.items():
        sysctls = Sysctls()
        sysctls.set(f"{ALL}.{name}", everywhere)
        sysctls.set(f"{OWN}.{name}", own)
        assert sysctls.device_max("eth0", name) == value


def test_a_device_takes_over_what_default_says() -> None:
    sysctls = Sysctls.of([("net.ipv4.conf.default.proxy_arp", 1)])
    assert sysctls.device("eth0", "proxy_arp")
    assert sysctls.get(f"{OWN}.proxy_arp") == 1
    assert not Sysctls.of([("net.ipv4.conf.default.proxy_arp", 1), (f"{OWN}.proxy_arp", 0)]).device(
        "eth0", "proxy_arp"
    )


@pytest.mark.parametrize("name", ["net.ipv4.ip_forward", f"{ALL}.forwarding"])
def test_ip_forward_is_one_switch_for_every_device(name: str) -> None:
    sysctls = Sysctls.of([], forwarding=False)
    sysctls.set(f"{OWN}.forwarding", 1)
    assert sysctls.device("eth0", "forwarding")
    assert not sysctls.device("eth1", "forwarding")
    sysctls.set(name, 0)  # as it was: that is no change, and no device hears of it
    assert sysctls.device("eth0", "forwarding")
    sysctls.set(name, 1)
    sysctls.set(name, 0)
    assert not sysctls.device("eth0", "forwarding")
    sysctls.set(name, 1)
    assert sysctls.device("eth1", "forwarding")
    assert sysctls.integer("net.ipv4.ip_forward") == sysctls.integer(f"{ALL}.forwarding") == 1


def test_what_names_a_device_is_set_last_as_the_device_comes_last() -> None:
    sysctls = Sysctls.of([(f"{OWN}.forwarding", 0), ("net.ipv4.ip_forward", 1)])
    assert not sysctls.device("eth0", "forwarding")
    assert sysctls.device("eth1", "forwarding")


def test_a_node_s_own_setting_overrides_its_kind() -> None:
    sysctls = Sysctls.of([("net.ipv4.ip_forward", 0)], forwarding=True)
    assert not sysctls.device("eth0", "forwarding")


def test_a_dot_in_a_device_s_name() -> None:
    name = canonical("net/ipv4/conf/eth0.5/proxy_arp")
    assert name == "net.ipv4.conf.eth0/5.proxy_arp"
    assert device_of(name) == "eth0.5"
    assert Sysctls.of([(name, 1)]).device("eth0.5", "proxy_arp")
    assert Sysctls.of([("net.ipv4.neigh.eth0/5.mcast_solicit", 1)]).neigh("eth0.5", "mcast_solicit")


@pytest.mark.parametrize(
    "name",
    ["net.ipv4.nothing", "net.ipv4.conf.eth0.nothing", "net.ipv4.conf.eth0.5.proxy_arp",
     "net.ipv4.neigh.default.mcast_solicit", "net.ipv4.neigh.all.mcast_solicit",
     "net.ipv6.conf.eth0.forwarding", "net.ipv4.conf..forwarding", ""],
)  # fmt: skip
def test_a_name_that_is_not_modelled(name: str) -> None:
    assert setting_of(name) is None
    with pytest.raises(KeyError):
        Sysctls().set(name, 1)
    with pytest.raises(KeyError):
        Sysctls().get(name)


def test_values_of_several_numbers() -> None:
    assert Sysctls().integers("net.ipv4.tcp_rmem") == (4096, 131072, 33554432)
    assert Setting("1 2 3", 1, 9).parse("4\t5  06") == "4 5 6"
    with pytest.raises(ValueError, match="allowed: 3 numbers, 1 to 9"):
        Setting("1 2 3", 1, 9).parse("4 5 10")


def test_a_setting_that_nothing_reads_has_one_value() -> None:
    assert GLOBAL["net.ipv4.tcp_timestamps"].parse("0") == 0
    with pytest.raises(ValueError, match="nothing else is modelled"):
        GLOBAL["net.ipv4.tcp_timestamps"].parse("1")


@pytest.mark.parametrize("text", ["", "-1", "2", "1.0", "one", "1 1", "٣", "9" * 30])
def test_values_that_are_not_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="allowed: 0 to 1"):
        Setting(0).parse(text)
