"""Is this value one of this field's?

Law: what Scapy would shorten, wrap round or quietly leave out is refused. Scapy itself takes
``IP(frag=70000)`` and lets it run over into the flags. Names that Scapy reads from files of the
machine it runs on are refused too: they mean other numbers, or nothing, on the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from scapy import fields
from scapy.layers import l2
from scapy.packet import Packet

from pknet.wire.address import mac_bytes
from pknet.wire.scapy.host import no_host

_THREE_BYTES = 24  # bits


def set_value(one: Packet, name: str, value: Any) -> None:
    """Give the field ``name`` of ``one`` its value. Raises ValueError: why it is none of its."""
    if name == "load":
        value = _load(value)
    with no_host():
        try:
            _check_name(one, name, value)
            one.setfieldval(name, value)
            field = _plain(one, one.get_field(name))
            _check_kind(field, value)
            _check_form(one, field, value)
            built = one.getfieldval(name)
            _check_bits(field, built)
            _check_length(one, field, built)
            field.addfield(one, b"", built)
        except Exception as error:
            raise ValueError(_why(one, name, error)) from None


def _why(one: Packet, name: str, error: Exception) -> str:
    """Scapy's words, where they say what is wrong."""
    field = _plain(one, one.get_field(name))
    if isinstance(error, KeyError):
        return "there is no such name"
    if isinstance(field, fields.FlagsField) and type(error) is ValueError:
        return f"no such flags; there are: {' '.join(field.names)}"
    return str(error) or type(error).__name__


#: Fields whose names Scapy takes from /etc/services, /etc/protocols and /etc/ethertypes.
_HOST_NAMED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("TCP", "UDP", "SCTP"), ("sport", "dport")),
    **dict.fromkeys(("Ether", "Dot1Q", "Dot1AD"), ("type",)),
    **dict.fromkeys(("IP", "GRE"), ("proto",)),
    "IPv6": ("nh",),
    "ARP": ("ptype",),
    "SNAP": ("code",),
}  # fmt: skip


def _check_name(one: Packet, name: str, value: Any) -> None:
    """What a name of a port or a protocol means is the host's."""
    if isinstance(value, str) and name in _HOST_NAMED.get(type(one).__name__, ()):
        raise ValueError("write the number: names of ports and protocols are not looked up")


def _load(value: Any) -> bytes:
    """Scapy makes five zeros of ``Raw(5)``."""
    if isinstance(value, str):
        return value.encode()
    if not isinstance(value, bytes):
        raise ValueError("a load is text or bytes")
    return value


def _plain(one: Packet, field: Any) -> Any:
    """The field inside those that choose or decorate one."""
    while True:
        if isinstance(field, fields.MultipleTypeField):
            field = field._find_fld_pkt(one)
        elif isinstance(field, fields.ConditionalField | fields.Emph):
            field = field.fld
        else:
            return field


def _check_kind(field: Any, value: Any) -> None:
    """Layers where layers go, and several values only where a field is a list."""
    several = isinstance(value, list | tuple)
    items = value if several else [value]
    if field.holds_packets:
        if not all(isinstance(item, Packet | bytes | str) for item in items):
            raise ValueError("it holds layers, text or bytes")
    elif any(isinstance(item, Packet) for item in items):
        raise ValueError("it holds no layers")
    elif several and not field.islist:
        raise ValueError("a set of values stands for several packets: send one")


def _check_form(one: Packet, field: Any, value: Any) -> None:
    """An address is one, in full; Scapy takes ``10.1``, 5, and any text as a MAC."""
    arp = _ARP_FORMS.get(field.name) if isinstance(one, l2.ARP) else None
    if arp is not None and isinstance(value, str):
        arp(value)
    for kind, check in _FORMS:
        if isinstance(field, kind):
            if not isinstance(value, str):
                raise ValueError("an address is text")
            check(value)


def _ipv4(value: str) -> None:
    _refuse_prefix(value)
    IPv4Address(value)


def _ipv6(value: str) -> None:
    _refuse_prefix(value)
    IPv6Address(value)


def _refuse_prefix(value: str) -> None:
    if "/" in value:
        raise ValueError("a set of addresses stands for several packets: send one")


_FORMS: tuple[tuple[type, Callable[[str], object]], ...] = (
    (fields.MACField, mac_bytes),
    (fields.IPField, _ipv4),
    (fields.IP6Field, _ipv6),
)

#: ARP takes addresses of any kind, and so any text; here it is Ethernet's and IPv4's (or bytes).
_ARP_FORMS: dict[str, Callable[[str], object]] = {
    "hwsrc": mac_bytes, "hwdst": mac_bytes, "psrc": _ipv4, "pdst": _ipv4,
}  # fmt: skip


def misfit(packet: Packet) -> str | None:
    """Which number of a packet has no room on the wire, in words; None: each has."""
    for number, one in enumerate(packet.layers()):
        layer = packet.getlayer(number)
        for field in layer.fields_desc:
            try:
                _check_bits(field, layer.getfieldval(field.name))
            except ValueError as error:
                value = layer.getfieldval(field.name)
                return f"{one.__name__}({field.name}={value}) cannot be built: {error}"
    return None


def _check_bits(field: Any, value: Any) -> None:
    """Of a number or of flags."""
    bits = _bits(field)
    if bits and isinstance(value, int | fields.FlagValue) and not 0 <= int(value) < 1 << bits:
        raise ValueError(f"it has {bits} bits: 0 to {(1 << bits) - 1}")


def _check_length(one: Packet, field: Any, built: Any) -> None:
    """Of a text whose length is fixed."""
    size = None
    if isinstance(field, fields.StrFixedLenField):
        size = field.length_from(one)
    elif field.fmt.endswith("s"):
        size = field.sz
    if size is not None and isinstance(built, bytes) and len(built) > size:
        raise ValueError(f"it has {size} bytes, not {len(built)}")


def _bits(field: Any) -> int:
    """Of a field that holds an unsigned number; else 0."""
    if isinstance(field, fields._BitField):  # numbers, names and flags of so many bits
        return abs(int(field.size))
    if isinstance(field, fields.ThreeBytesField):
        return _THREE_BYTES
    return 8 * int(field.sz) if field.fmt[-1] in "BHIQ" else 0
