"""Kernel settings, by Linux's own names.

Law: one table says which settings there are, what they are when nobody sets them, and what they
may be. A name that is not in it is refused, never ignored.

The defaults are Linux's, but for those that keep a run quiet and repeatable (``QUIET``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

Value = int | str


class Combine(Enum):
    """How ``all`` and the device's own value make one (include/linux/inetdevice.h)."""

    OWN = "the device's own value"  # IN_DEV_CONF_GET
    OR = "either"  # IN_DEV_ORCONF
    AND = "both"  # IN_DEV_ANDCONF
    MAX = "the larger"  # IN_DEV_MAXCONF


@dataclass(frozen=True, slots=True)
class Setting:
    """One name. ``quiet``: the default here differs from Linux's, to keep runs repeatable."""

    default: Value
    low: int = 0
    high: int = 1
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class DeviceSetting(Setting):
    """One name under net.ipv4.conf.<device>."""

    combine: Combine = Combine.OWN


_UINT = 2**31 - 1

#: Of a whole namespace.
GLOBAL: dict[str, Setting] = {
    "net.ipv4.ip_forward": Setting(0),
    "net.ipv4.ip_default_ttl": Setting(64, 1, 255),
    "net.ipv4.ip_local_port_range": Setting("32768 60999"),
    "net.ipv4.icmp_echo_ignore_all": Setting(0),
    "net.ipv4.icmp_echo_ignore_broadcasts": Setting(1),
    "net.ipv4.icmp_errors_use_inbound_ifaddr": Setting(0),
    "net.ipv4.icmp_ratelimit": Setting(0, 0, 0, quiet=True),
    "net.ipv4.icmp_msgs_per_sec": Setting(1_000_000, 1_000_000, _UINT, quiet=True),
    "net.ipv4.tcp_timestamps": Setting(0, 0, 0, quiet=True),
    "net.ipv4.tcp_ecn": Setting(0, 0, 0, quiet=True),
    "net.ipv4.tcp_sack": Setting(1, 1, 1),
    "net.ipv4.tcp_window_scaling": Setting(1, 1, 1),
    "net.ipv4.tcp_rmem": Setting("4096 131072 33554432", quiet=True),
    "net.ipv4.tcp_no_metrics_save": Setting(1, 1, 1, quiet=True),
    "net.ipv4.tcp_syn_retries": Setting(6, 1, 127),
    "net.ipv4.tcp_synack_retries": Setting(5, 0, 255),
    "net.ipv4.tcp_retries2": Setting(15, 1, 255),
    "net.bridge.bridge-nf-call-iptables": Setting(1),
    "net.netfilter.nf_conntrack_max": Setting(262_144, 1, _UINT),
    "net.netfilter.nf_conntrack_tcp_be_liberal": Setting(0),
    "net.netfilter.nf_conntrack_tcp_loose": Setting(1),
    "net.ipv6.conf.all.disable_ipv6": Setting(1, 1, 1, quiet=True),
    "net.ipv6.conf.default.disable_ipv6": Setting(1, 1, 1, quiet=True),
}

#: Of a device: net.ipv4.conf.<device>.<name>, where the device may be ``all`` or ``default``.
CONF: dict[str, DeviceSetting] = {
    "forwarding": DeviceSetting(0),
    "rp_filter": DeviceSetting(0, 0, 2, combine=Combine.MAX),
    "proxy_arp": DeviceSetting(0, combine=Combine.OR),
    "accept_local": DeviceSetting(0, combine=Combine.OR),
    "route_localnet": DeviceSetting(0, combine=Combine.OR),
    "send_redirects": DeviceSetting(0, quiet=True, combine=Combine.OR),
    "arp_filter": DeviceSetting(0, combine=Combine.OR),
    "arp_ignore": DeviceSetting(0, 0, 8, combine=Combine.MAX),
    "arp_announce": DeviceSetting(0, 0, 2, combine=Combine.MAX),
    "arp_accept": DeviceSetting(0, 0, 2, combine=Combine.MAX),
}

#: Of a device's neighbours: net.ipv4.neigh.<device>.<name>.
NEIGH: dict[str, Setting] = {
    "base_reachable_time_ms": Setting(3_600_000, 1, _UINT, quiet=True),
    "delay_first_probe_time": Setting(3600, 0, _UINT, quiet=True),
    "retrans_time_ms": Setting(1000, 1, _UINT),
    "mcast_solicit": Setting(3, 0, 255),
    "ucast_solicit": Setting(3, 0, 255),
    "locktime": Setting(0, 0, _UINT, quiet=True),
    "proxy_delay": Setting(0, 0, 0, quiet=True),
}


def setting_of(name: str) -> Setting | None:
    """The entry of a full name such as ``net.ipv4.conf.eth0.rp_filter``; None: not modelled."""
    if name in GLOBAL:
        return GLOBAL[name]
    family, _, rest = name.partition(".conf.")
    if family == "net.ipv4" and "." in rest:
        return CONF.get(rest.rpartition(".")[2])
    family, _, rest = name.partition(".neigh.")
    if family == "net.ipv4" and "." in rest:
        return NEIGH.get(rest.rpartition(".")[2])
    return None


class Sysctls:
    """The settings of one namespace."""

    def __init__(self) -> None:
        self._values: dict[str, Value] = {}

    @classmethod
    def of(cls, settings: Iterable[tuple[str, Value]], forwarding: bool = False) -> Sysctls:
        """As a topology gives them; what is set later wins (sysctl.d order)."""
        made = cls()
        made.set("net.ipv4.ip_forward", int(forwarding))
        for name, value in settings:
            made.set(name, value)
        return made

    def set(self, name: str, value: Value) -> None:
        """``sysctl -w``. Raises KeyError for a name that is not modelled."""
        if setting_of(name) is None:
            raise KeyError(name)
        self._values[name] = value
        if name in ("net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding"):
            self._forward_everywhere(value)

    def _forward_everywhere(self, value: Value) -> None:
        """Linux: inet_forward_change; both names, and every device at once."""
        for name in [n for n in self._values if n.endswith(".forwarding")]:
            del self._values[name]
        self._values["net.ipv4.ip_forward"] = value
        self._values["net.ipv4.conf.all.forwarding"] = value
        self._values["net.ipv4.conf.default.forwarding"] = value

    def get(self, name: str) -> Value:
        """The value, or the default. Raises KeyError for a name that is not modelled."""
        if name in self._values:
            return self._values[name]
        found = setting_of(name)
        if found is None:
            raise KeyError(name)
        return found.default

    def integer(self, name: str) -> int:
        """A value that is one number."""
        return int(self.get(name))

    def integers(self, name: str) -> tuple[int, ...]:
        """A value of several numbers, such as net.ipv4.tcp_rmem."""
        return tuple(int(word) for word in str(self.get(name)).split())

    def device(self, dev: str, name: str) -> bool:
        """Whether ``name`` holds for ``dev``."""
        return bool(self.device_max(dev, name))

    def device_max(self, dev: str, name: str) -> int:
        """The value of ``name`` that counts for ``dev``, ``all`` taken in as the kernel does."""
        everywhere = self.integer(f"net.ipv4.conf.all.{name}")
        own = self._own(dev, name)
        combine = CONF[name].combine
        if combine is Combine.OWN:
            return own
        if combine is Combine.AND:
            return min(everywhere, own)
        return max(everywhere, own)

    def _own(self, dev: str, name: str) -> int:
        """The device's own value; a new device takes ``default``'s (Linux: inetdev_init)."""
        full = f"net.ipv4.conf.{dev}.{name}"
        if full in self._values:
            return int(self._values[full])
        return self.integer(f"net.ipv4.conf.default.{name}")

    def neigh(self, dev: str, name: str) -> int:
        """Of the neighbours on ``dev``."""
        return self.integer(f"net.ipv4.neigh.{dev}.{name}")
