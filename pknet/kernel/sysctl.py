"""Sysctls of a namespace: the ones that keep every run quiet and repeatable, then the node's own.

Law: written inside the namespace only. A name that does not exist there is an error with its
name; the few that younger kernels brought into namespaces are left alone where they are missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pknet.kernel.errors import KernelError
from pknet.topology.spec import NodeSpec

#: Before any device is there, so that devices inherit ``default``.
BASE: dict[str, int | str] = {
    "net.ipv6.conf.all.disable_ipv6": 1,
    "net.ipv6.conf.default.disable_ipv6": 1,
    "net.ipv4.conf.all.rp_filter": 0,
    "net.ipv4.conf.default.rp_filter": 0,
    "net.ipv4.conf.all.send_redirects": 0,
    "net.ipv4.conf.default.send_redirects": 0,
    "net.ipv4.conf.all.accept_source_route": 0,
    "net.ipv4.conf.default.accept_source_route": 0,
    "net.ipv4.icmp_ratelimit": 0,
    "net.ipv4.icmp_msgs_per_sec": 1_000_000,
    "net.ipv4.tcp_timestamps": 0,
    "net.ipv4.tcp_ecn": 0,
    "net.ipv4.tcp_rmem": "4096 131072 33554432",  # window scale 10 follows from the last
    "net.ipv4.tcp_no_metrics_save": 1,
    "net.ipv4.tcp_congestion_control": "reno",  # what the model is; machines default to others
}
#: For each device: neighbours stay as they are for an hour, and answers are not delayed.
#: (``neigh.default`` does not exist in a child namespace.)
BASE_NEIGHBOUR: dict[str, int | str] = {
    "delay_first_probe_time": 3600,
    "base_reachable_time_ms": 3_600_000,
    "locktime": 0,
    "proxy_delay": 0,
}
#: Missing where a kernel has no IPv6, or keeps the value for the whole machine: not ours to change.
OPTIONAL = frozenset(
    {
        "net.ipv4.icmp_msgs_per_sec",
        "net.ipv6.conf.all.disable_ipv6",
        "net.ipv6.conf.default.disable_ipv6",
    }
)
_GENERAL = frozenset({"all", "default", "lo"})


def before_devices(node: NodeSpec) -> list[tuple[str, int | str]]:
    """What is to be written into the empty namespace, in order."""
    own = [(key, value) for key, value in node.sysctls if _device(key) is None]
    return [*BASE.items(), ("net.ipv4.ip_forward", int(node.forwarding)), *own]


def after_devices(node: NodeSpec) -> list[tuple[str, int | str]]:
    """What names devices."""
    devices = [interface.name for interface in node.devices]
    base = [
        (f"net.ipv4.neigh.{_escaped(device)}.{key}", value)
        for device in devices
        for key, value in BASE_NEIGHBOUR.items()
    ]
    return base + [(key, value) for key, value in node.sysctls if _device(key) is not None]


def write(node: str, settings: Iterable[tuple[str, int | str]]) -> None:
    """Write them; the caller has entered the namespace. Raises KernelError on the first refusal."""
    for key, value in settings:
        try:
            path_of(key).write_text(f"{value}\n", encoding="ascii")
        except OSError as error:
            if key in OPTIONAL and isinstance(error, FileNotFoundError):
                continue
            raise KernelError(f"{node}: sysctl {key} = {value}: {error.strerror}") from error


def path_of(key: str) -> Path:
    """``net.ipv4.conf.e/1.forwarding`` is /proc/sys/net/ipv4/conf/e.1/forwarding (sysctl(8))."""
    return Path("/proc/sys", key.translate(str.maketrans("./", "/.")))


def _escaped(device: str) -> str:
    return device.replace(".", "/")


def _device(key: str) -> str | None:
    """The device that a key such as ``net.ipv4.conf.eth0.rp_filter`` names, if any."""
    parts = key.split(".")
    if len(parts) == 5 and parts[2] in ("conf", "neigh") and parts[3] not in _GENERAL:
        return parts[3]
    return None
