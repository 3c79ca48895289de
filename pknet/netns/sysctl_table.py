"""Which kernel settings there are, by Linux's own names: the one table of them.

Law: a name that is not here is refused, and so is a value whose effect is not modelled. What is
taken has its effect, or (``inert``) changes no packet here, and the table says why.

The defaults are Linux's, but for those that keep a run quiet and repeatable (``quiet``).
"""

from __future__ import annotations

from collections.abc import Iterator

from pknet.netns.sysctl_setting import INT_MAX, Combine, DeviceSetting, Setting, Value

_SECONDS = INT_MAX // 1000  # a kernel of 1000 ticks a second can count as many
_NO_LOG = "there is no kernel log"
_NO_ARPTABLES = "there are no arptables rules"
_NO_LIMIT = "ICMP errors are not counted"


def _only(default: Value, quiet: bool = False) -> Setting:
    """A setting whose default alone is modelled."""
    return Setting(default, 0, 0, quiet)


#: Of a whole namespace. Timeouts of connection tracking are in seconds.
GLOBAL: dict[str, Setting] = {
    "net.ipv4.ip_forward": Setting(0),
    "net.ipv4.ip_default_ttl": Setting(64, 1, 255),
    "net.ipv4.ip_forward_use_pmtu": _only(0),
    "net.ipv4.ip_no_pmtu_disc": _only(0),
    "net.ipv4.ipfrag_time": Setting(30, 1, INT_MAX),
    "net.ipv4.ip_local_port_range": Setting("32768 60999", 1, 65535),
    "net.ipv4.icmp_echo_ignore_all": Setting(0),
    "net.ipv4.icmp_echo_ignore_broadcasts": Setting(1),
    "net.ipv4.icmp_errors_use_inbound_ifaddr": Setting(0),
    "net.ipv4.icmp_ratelimit": _only(0, quiet=True),
    "net.ipv4.icmp_msgs_per_sec": Setting(1_000_000, 1_000_000, INT_MAX, True, _NO_LIMIT),
    "net.ipv4.tcp_timestamps": _only(0, quiet=True),
    "net.ipv4.tcp_ecn": _only(0, quiet=True),
    "net.ipv4.tcp_congestion_control": _only("reno", quiet=True),
    "net.ipv4.tcp_sack": _only(1),
    "net.ipv4.tcp_window_scaling": _only(1),
    "net.ipv4.tcp_rmem": Setting("4096 131072 33554432", 1, INT_MAX, quiet=True),
    "net.ipv4.tcp_no_metrics_save": _only(1, quiet=True),
    "net.ipv4.tcp_syn_retries": Setting(6, 1, 127),
    "net.ipv4.tcp_synack_retries": Setting(5, 0, 255),
    "net.ipv4.tcp_retries2": Setting(15, 0, 255),
    "net.bridge.bridge-nf-call-iptables": Setting(1),
    "net.bridge.bridge-nf-call-ip6tables": _only(1),
    "net.bridge.bridge-nf-call-arptables": Setting(1, inert=_NO_ARPTABLES),
    "net.netfilter.nf_conntrack_max": Setting(262_144, 1, INT_MAX, quiet=True),
    "net.netfilter.nf_conntrack_checksum": Setting(1),
    "net.netfilter.nf_conntrack_tcp_be_liberal": Setting(0),
    "net.netfilter.nf_conntrack_tcp_loose": Setting(1),
    "net.netfilter.nf_conntrack_tcp_ignore_invalid_rst": Setting(0),
    "net.netfilter.nf_conntrack_tcp_max_retrans": Setting(3, 0, 255),
    "net.netfilter.nf_conntrack_generic_timeout": Setting(600, 0, _SECONDS),
    "net.netfilter.nf_conntrack_icmp_timeout": Setting(30, 0, _SECONDS),
    "net.netfilter.nf_conntrack_udp_timeout": Setting(30, 0, _SECONDS),
    "net.netfilter.nf_conntrack_udp_timeout_stream": Setting(120, 0, _SECONDS),
    "net.netfilter.nf_conntrack_tcp_timeout_syn_sent": Setting(120, 0, _SECONDS),
    "net.netfilter.nf_conntrack_tcp_timeout_syn_recv": Setting(60, 0, _SECONDS),
    "net.netfilter.nf_conntrack_tcp_timeout_established": Setting(432_000, 0, _SECONDS),
    "net.netfilter.nf_conntrack_tcp_timeout_fin_wait": Setting(120, 0, _SECONDS),
    "net.netfilter.nf_conntrack_tcp_timeout_close_wait": Setting(60, 0, _SECONDS),
    "net.netfilter.nf_conntrack_tcp_timeout_last_ack": Setting(30, 0, _SECONDS),
    "net.netfilter.nf_conntrack_tcp_timeout_time_wait": Setting(120, 0, _SECONDS),
    "net.netfilter.nf_conntrack_tcp_timeout_close": Setting(10, 0, _SECONDS),
    "net.netfilter.nf_conntrack_tcp_timeout_max_retrans": Setting(300, 0, _SECONDS),
    "net.netfilter.nf_conntrack_tcp_timeout_unacknowledged": Setting(300, 0, _SECONDS),
    "net.netfilter.nf_conntrack_gre_timeout": Setting(30, 0, _SECONDS),
    "net.netfilter.nf_conntrack_gre_timeout_stream": Setting(180, 0, _SECONDS),
    "net.netfilter.nf_conntrack_sctp_timeout_closed": Setting(10, 0, _SECONDS),
    "net.netfilter.nf_conntrack_sctp_timeout_cookie_wait": Setting(3, 0, _SECONDS),
    "net.netfilter.nf_conntrack_sctp_timeout_cookie_echoed": Setting(3, 0, _SECONDS),
    "net.netfilter.nf_conntrack_sctp_timeout_established": Setting(210, 0, _SECONDS),
    "net.netfilter.nf_conntrack_sctp_timeout_shutdown_sent": Setting(3, 0, _SECONDS),
    "net.netfilter.nf_conntrack_sctp_timeout_shutdown_recd": Setting(3, 0, _SECONDS),
    "net.netfilter.nf_conntrack_sctp_timeout_shutdown_ack_sent": Setting(3, 0, _SECONDS),
    "net.netfilter.nf_conntrack_sctp_timeout_heartbeat_sent": Setting(30, 0, _SECONDS),
    "net.ipv6.conf.all.disable_ipv6": _only(1, quiet=True),
    "net.ipv6.conf.default.disable_ipv6": _only(1, quiet=True),
}

#: Of a device: net.ipv4.conf.<device>.<name>, where the device may be ``all`` or ``default``.
CONF: dict[str, DeviceSetting] = {
    "forwarding": DeviceSetting(0),
    "rp_filter": DeviceSetting(0, 0, 2, combine=Combine.MAX),
    "proxy_arp": DeviceSetting(0, combine=Combine.OR),
    "accept_local": DeviceSetting(0, combine=Combine.OR),
    "route_localnet": DeviceSetting(0, combine=Combine.OR),
    "send_redirects": DeviceSetting(0, quiet=True, combine=Combine.OR),
    "accept_source_route": DeviceSetting(0, quiet=True, combine=Combine.AND),
    "accept_redirects": DeviceSetting(1),  # combined as Sysctls.accepts_redirects says
    "bc_forwarding": DeviceSetting(0, 0, 0, combine=Combine.AND),
    "log_martians": DeviceSetting(0, inert=_NO_LOG, combine=Combine.OR),
    "arp_filter": DeviceSetting(0, combine=Combine.OR),
    "arp_ignore": DeviceSetting(0, 0, 8, combine=Combine.MAX),
    "arp_announce": DeviceSetting(0, 0, 2, combine=Combine.MAX),
    "arp_accept": DeviceSetting(0, combine=Combine.MAX),
    "arp_notify": DeviceSetting(0, 0, 0, combine=Combine.MAX),
}

#: Of a device's neighbours: net.ipv4.neigh.<device>.<name>. Linux keeps ``neigh.default`` and the
#: gc_thresh values for the whole machine: a namespace has none.
NEIGH: dict[str, Setting] = {
    "base_reachable_time_ms": Setting(3_600_000, 1, INT_MAX, quiet=True),
    "delay_first_probe_time": Setting(3600, 0, INT_MAX, quiet=True),
    "retrans_time_ms": Setting(1000, 1, INT_MAX),
    "mcast_solicit": Setting(3, 0, 255),
    "ucast_solicit": Setting(3, 0, 255),
    "app_solicit": _only(0),
    "unres_qlen": _only(101),
    "locktime": Setting(0, 0, INT_MAX, quiet=True),
    "proxy_delay": _only(0, quiet=True),
    "gc_stale_time": _only(60),
}

_FAMILIES: dict[str, dict[str, Setting]] = {"conf": dict(CONF), "neigh": dict(NEIGH)}
#: The names in a device's place that are no devices.
GENERAL: dict[str, tuple[str, ...]] = {"conf": ("all", "default"), "neigh": ()}


def canonical(written: str) -> str:
    """The dotted form of ``written``, where / stands for a dot in a device's name (sysctl(8)).

    The first separator says which form it is: ``net/ipv4/conf/e.1/forwarding`` is
    ``net.ipv4.conf.e/1.forwarding``.
    """
    first = next((letter for letter in written if letter in "./"), ".")
    return written.translate(_SWAP) if first == "/" else written


_SWAP = str.maketrans("./", "/.")


def escaped(dev: str) -> str:
    """A device's name as it stands in the dotted form."""
    return dev.translate(_SWAP)


def setting_of(name: str) -> Setting | None:
    """The entry of a canonical name such as ``net.ipv4.conf.eth0.rp_filter``; None: there is none.

    Whether there is such a device is not asked here.
    """
    if name in GLOBAL:
        return GLOBAL[name]
    parts = name.split(".")
    if len(parts) != 5 or parts[:2] != ["net", "ipv4"] or not parts[3]:
        return None
    if parts[2] == "neigh" and parts[3] in ("all", "default"):
        return None
    return _FAMILIES.get(parts[2], {}).get(parts[4])


def device_of(name: str) -> str | None:
    """The device that a canonical name names; None where it names all of them, or none."""
    parts = name.split(".")
    if len(parts) != 5 or parts[3] in GENERAL.get(parts[2], (parts[3],)):
        return None
    return parts[3].translate(_SWAP)


def names(dev: str = "all") -> Iterator[str]:
    """Every name, those of a device with ``dev``: for a near miss."""
    yield from GLOBAL
    for name in CONF:
        yield f"net.ipv4.conf.{escaped(dev)}.{name}"
    for name in NEIGH:
        yield f"net.ipv4.neigh.{escaped(dev)}.{name}"
