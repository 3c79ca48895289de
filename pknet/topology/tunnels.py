"""``tunnels``: devices that carry packets inside the packets of their node.

Law: what is read here is right by itself; what needs the other parts is for ``check``.
"""

from __future__ import annotations

from pknet.topology.device import device
from pknet.topology.fdb import fdb_entry
from pknet.topology.names import interface_name
from pknet.topology.raw import RawTunnel
from pknet.topology.spec import FdbSpec
from pknet.topology.tunnel_type import tunnel_type
from pknet.topology.value import Value, parsed

TUNNEL_KEYS = ("type", "addresses", "mac", "mtu", "up")


def tunnels(value: Value) -> dict[str, RawTunnel]:
    """All that could be read, in the order of the file."""
    found = {}
    for entry, name in value.entries(interface_name):
        tunnel = _tunnel(name, entry)
        if tunnel is not None:
            found[name] = tunnel
    return found


def _tunnel(name: str, value: Value) -> RawTunnel | None:
    raw = device(name, value, TUNNEL_KEYS)
    if "type" not in raw.fields:
        example = "type: vxlan id 1 local 192.168.1.1"
        value.fault_key(f"'type' is missing; write what `ip link add` takes, such as {example}")
        return None
    kind = raw.fields.read("type", parsed(tunnel_type), None)
    return None if kind is None else RawTunnel(raw, kind)


def fdb(value: Value) -> list[tuple[Value, FdbSpec]]:
    """All that could be read."""
    read = [(item, item.parsed(fdb_entry)) for item in value.items()]
    return [(item, spec) for item, spec in read if spec is not None]
