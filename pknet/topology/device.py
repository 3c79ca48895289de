"""What interfaces, bridges and tunnels have in common: addresses, MAC, MTU, up.

Law: what is read here is right by itself; what needs the other parts is for ``check``.
"""

from __future__ import annotations

from pknet.topology.address import device_mac, ipv4_interface
from pknet.topology.raw import RawInterface
from pknet.topology.value import Value, integer, parsed

MIN_MTU, MAX_MTU = 68, 65535  # bytes (RFC 791, section 3.2; Linux: ETH_MIN_MTU, ETH_MAX_MTU)


def device(name: str, value: Value, keys: tuple[str, ...]) -> RawInterface:
    """The device ``name``, of which the file says ``value``; ``keys`` are those it may have."""
    fields = value.fields(*keys)
    found = RawInterface(name, value, fields)
    before = len(value.source.faults)
    for item in fields["addresses"].items() if "addresses" in fields else ():
        address = item.parsed(ipv4_interface)
        if address is not None and any(address == other for _, other in found.addresses):
            item.fault(f"Address already assigned: {address} is on {name}")
        elif address is not None:
            found.addresses.append((item, address))
    found.all_read = len(value.source.faults) == before
    found.mac = fields.read("mac", parsed(device_mac), None)
    found.mtu = fields.read("mtu", integer(MIN_MTU, MAX_MTU), None)
    found.master = fields.read("master", Value.text, None)
    found.hairpin = fields.read("hairpin", Value.boolean, False)
    found.up = fields.read("up", Value.boolean, True)
    return found
