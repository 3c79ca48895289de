"""``nodes``: each one a network namespace.

Law: what is read here is right by itself; what needs the other parts is for ``check``.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path
from typing import cast

from pknet.netns.sysctl_table import canonical, device_of, names, setting_of
from pknet.topology.address import ipv4_address, mac
from pknet.topology.device import device
from pknet.topology.fault import near, shown
from pknet.topology.listen import listeners
from pknet.topology.names import interface_name, node_name
from pknet.topology.raw import RawInterface, RawNode
from pknet.topology.routes import route
from pknet.topology.rules_text import RulesReader, RulesText
from pknet.topology.spec import NeighbourSpec, NodeKind, RouteSpec
from pknet.topology.tunnels import fdb, tunnels
from pknet.topology.value import Value, every, parsed

KINDS = ("linux", "router", "switch", "node")
NODE_KEYS = (
    "kind", "forwarding", "bridges", "interfaces", "tunnels", "fdb", "routes", "neighbours",
    "sysctls", "iptables", "ipset", "listen",
)  # fmt: skip
BRIDGE_KEYS = ("addresses", "mac", "mtu", "up")
INTERFACE_KEYS = (*BRIDGE_KEYS, "master", "hairpin")
NESTED = "a bridge as a port of a bridge is not modelled; a port is an interface"
_FORWARDERS = ("router", "node")


def nodes(value: Value, folder: Path) -> dict[str, RawNode]:
    """All of them, in the order of the file; ``folder`` is where ``{file: …}`` looks."""
    rules = RulesReader(folder)
    found = {name: _node(name, entry, rules) for entry, name in value.named(node_name)}
    if value.empty or not (found or value.source.faults):
        value.fault("there is no node; at least one is needed")
    return found


def _node(name: str, value: Value, rules: RulesReader) -> RawNode:
    fields = value.fields(*NODE_KEYS)
    kind = cast(NodeKind, fields.read("kind", lambda it: it.choice(*KINDS), "linux"))
    return RawNode(
        name,
        value,
        kind,
        fields.read("forwarding", Value.boolean, kind in _FORWARDERS),
        fields.read("bridges", _bridges, {}),
        fields.read("interfaces", _interfaces, {}),
        fields.read("tunnels", tunnels, {}),
        fields.read("fdb", fdb, []),
        fields.read("routes", _routes, []),
        fields.read("neighbours", _neighbours, []),
        fields.read("sysctls", _sysctls, []),
        fields.read("iptables", rules.read, RulesText()),
        fields.read("ipset", rules.read, RulesText()),
        fields.read("listen", listeners, []),
    )


# --- devices


def _bridges(value: Value) -> dict[str, RawInterface]:
    found = {}
    for entry, name in value.entries(interface_name):
        found[name] = device(name, entry, (*BRIDGE_KEYS, "master"))
        if "master" in found[name].fields:
            found[name].fields["master"].fault_key(NESTED)
            found[name].master = None
    return found


def _interfaces(value: Value) -> dict[str, RawInterface]:
    return {n: device(n, it, INTERFACE_KEYS) for it, n in value.entries(interface_name)}


# --- tables


def _routes(value: Value) -> list[tuple[Value, RouteSpec]]:
    read = [(item, item.parsed(route)) for item in value.items()]
    return [(item, spec) for item, spec in read if spec is not None]


def _neighbours(value: Value) -> list[tuple[Value, NeighbourSpec]]:
    return every(_neighbour(entry, address) for entry, address in value.entries(ipv4_address))


def _neighbour(value: Value, address: IPv4Address) -> tuple[Value, NeighbourSpec] | None:
    fields = value.fields("mac", "dev")
    missing = fields.missing("mac", "dev")
    if missing:
        value.fault_key(f"{' and '.join(missing)} missing; write {{mac: MAC, dev: INTERFACE}}")
        return None
    # Any MAC will do, a group's too: some clusters of hosts share one (Linux: neigh_add).
    link = fields.read("mac", parsed(mac), None)
    dev = fields.read("dev", Value.text, None)
    if link is None or dev is None:
        return None
    return fields["dev"], NeighbourSpec(address, link, dev)


def _sysctls(value: Value) -> list[tuple[Value, str, int | str]]:
    found: list[tuple[Value, str, int | str]] = []
    for entry, name in value.entries(canonical):
        if any(name == other for _, other, _ in found):
            entry.fault_key(f"{name} is set twice, in two ways to write it")
        setting = _sysctl(entry, name)
        if setting is not None:
            found.append(setting)
    return found


def _sysctl(value: Value, name: str) -> tuple[Value, str, int | str] | None:
    setting = setting_of(name)
    if setting is None:
        device = device_of(name) or "all"
        hint = near(name, names(device))
        if name.startswith("net.ipv4.neigh.") and device in ("all", "default"):
            hint = ": a namespace has such settings for devices alone, as net.ipv4.neigh.eth0.…"
        value.fault_key(f"the setting {shown(value.name)} is not modelled{hint}")
        return None
    number = value.parsed(setting.parse)
    return None if number is None else (value, name, number)
