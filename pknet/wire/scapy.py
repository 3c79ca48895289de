"""Scapy, and nothing of the host.

Law: this is the only module that imports Scapy. Importing it opens no socket and reads no
routes; building a packet with it asks the host nothing: what Scapy would look up there (a
source, a gateway's MAC, a name) is filled in from the model, or refused.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from ipaddress import IPv4Address
from typing import Any

from scapy.config import conf

# Importing Scapy's layers reads the host's interfaces and routes; tell it not to, first.
conf.route_autoload = False
conf.route6_autoload = False

import scapy.interfaces  # noqa: E402
import scapy.packet  # noqa: E402

scapy.interfaces.NetworkInterfaceDict.reload = lambda self: None
scapy.interfaces.NetworkInterfaceDict.load_confiface = lambda self: None

from scapy.layers import inet, l2  # noqa: E402
from scapy.packet import NoPayload, Packet  # noqa: E402
from scapy.utils import EDecimal  # noqa: E402

from pknet.wire.address import BROADCAST_MAC, ZERO_MAC, mac_text  # noqa: E402
from pknet.wire.ethernet import HEADER_LENGTH  # noqa: E402

#: Layers that expressions may use: name to the module that has it (None: loaded already).
LAYERS: dict[str, str | None] = {
    **dict.fromkeys(("Ether", "Dot3", "LLC", "SNAP", "ARP", "Dot1Q", "Dot1AD", "STP", "GRE", "IP",
                     "TCP", "UDP", "ICMP", "Raw", "Padding")),
    "VXLAN": "vxlan", "SCTP": "sctp", "SCTPChunkInit": "sctp", "SCTPChunkData": "sctp",
    "DNS": "dns", "DNSQR": "dns", "DNSRR": "dns", "BOOTP": "dhcp", "DHCP": "dhcp",
    "IPv6": "inet6", "NTP": "ntp", "RIP": "rip", "HSRP": "hsrp",
}  # fmt: skip


#: What stands in fields that Scapy would ask the host for.
_EMPTY: dict[str, tuple[tuple[str, str], ...]] = {
    "IP": (("src", "0.0.0.0"), ("dst", "127.0.0.1")),
    "ARP": (("psrc", "0.0.0.0"), ("hwsrc", mac_text(ZERO_MAC))),
}


class WireError(ValueError):
    """A packet that has no bytes, or bytes that are no frame."""


def layer(name: str) -> type[Packet]:
    """The class of a layer in LAYERS. Raises KeyError for others."""
    module = LAYERS[name]
    places: tuple[Any, ...] = (inet, l2, scapy.packet)
    if module is not None:
        places = (import_module(f"scapy.layers.{module}"),)
    found: type[Packet] = next(getattr(p, name) for p in places if hasattr(p, name))
    return found


def is_packet(thing: object) -> bool:
    """True for a Scapy packet."""
    return isinstance(thing, Packet)


def is_frame(packet: Packet) -> bool:
    """True for a packet that begins with its Ethernet header."""
    return isinstance(packet, l2.Ether | l2.Dot3)


def dissect(wire: bytes, time_ns: int | None = None) -> Packet:
    """The genuine Scapy packet of a frame. Raises WireError below 14 bytes.

    ``time_ns`` becomes its ``time``, exactly.
    """
    if len(wire) < HEADER_LENGTH:
        raise WireError(f"{len(wire)} bytes are no frame: an Ethernet header has {HEADER_LENGTH}")
    packet = l2.Ether(wire)
    packet.time = EDecimal(0 if time_ns is None else time_ns) / EDecimal(10**9)
    return packet


def frame_bytes(packet: Packet, source: bytes = ZERO_MAC) -> bytes:
    """The bytes of a packet that begins with Ether; a missing source MAC is ``source``.

    Raises WireError where the packet cannot be built, or asks for what only a host knows.
    """
    if not is_frame(packet):
        raise WireError(f"{packet.name} is no frame: it begins with {type(packet).__name__}")
    whole = packet.copy()
    _fill_macs(whole, source)
    wire = _built(whole)
    if len(wire) < HEADER_LENGTH:
        raise WireError(f"{len(wire)} bytes are no frame")
    return wire


def network_bytes(packet: Packet) -> bytes:
    """The bytes of a packet that begins with IP; a missing source stays 0.0.0.0.

    Raises WireError as ``frame_bytes`` does.
    """
    if not isinstance(packet, inet.IP):
        raise WireError("this is no IPv4 packet; begin with IP(…), or with Ether(…) for a frame")
    return _built(packet.copy())


def _fill_macs(packet: Packet, source: bytes) -> None:
    """What Ether would ask the host's ARP cache and interfaces for."""
    fields = packet.fields
    if fields.get("src") is None:
        packet.src = mac_text(source)
    if fields.get("dst") is None:
        packet.dst = mac_text(BROADCAST_MAC)
    below = packet.payload
    if isinstance(below, l2.ARP) and below.fields.get("hwsrc") is None:
        below.hwsrc = mac_text(source)


def _built(packet: Packet) -> bytes:
    """Build once, with the host shut out; anything Scapy raises becomes a WireError."""
    _refuse_sets(packet)
    with _no_host():
        try:
            return bytes(packet)
        except _HostAsked as error:
            raise WireError(str(error)) from None
        except Exception as error:
            why = str(error) or type(error).__name__
            raise WireError(f"Scapy cannot build it: {why}") from None


def _refuse_sets(packet: Packet) -> None:
    """``10.0.0.0/30`` is four packets; a source that Scapy would look up is 0.0.0.0."""
    for one in _layers(packet):
        for name, value in one.fields.items():
            if type(value).__name__ in ("Net", "Net6") and value.count > 1:
                raise WireError(f"{one.name}.{name} is a set of addresses: send one packet")
        for name, empty in _EMPTY.get(type(one).__name__, ()):
            if one.fields.get(name) is None:
                setattr(one, name, empty)


def _layers(packet: Packet) -> Iterator[Packet]:
    while packet and not isinstance(packet, NoPayload):
        yield packet
        packet = packet.payload


class _HostAsked(Exception):  # noqa: N818
    """Scapy wanted to know something of the host."""


class _Refuse:
    """Stands where Scapy keeps the host's routes."""

    def __getattr__(self, name: str) -> Any:
        raise _HostAsked("a field is missing that Scapy would take from this machine's routes")


@contextmanager
def _no_host() -> Iterator[None]:
    """Routes and the neighbour cache refuse, whatever a user has imported before."""
    kept = {name: getattr(conf, name, None) for name in ("route", "route6")}
    resolve, ask = conf.neighbor.resolve, socket.gethostbyname
    try:
        for name in kept:
            setattr(conf, name, _Refuse())
        conf.neighbor.resolve = _refuse_call
        socket.gethostbyname = _refuse_call
        yield
    finally:
        for name, value in kept.items():
            setattr(conf, name, value)
        conf.neighbor.resolve = resolve
        socket.gethostbyname = ask


def _refuse_call(*args: object) -> Any:
    raise _HostAsked("a name or a MAC is missing that Scapy would ask this machine for")


@contextmanager
def no_names() -> Iterator[None]:
    """Host names resolve to nothing while packets are constructed."""
    kept = socket.gethostbyname, socket.getaddrinfo
    try:
        socket.gethostbyname = _number_only
        socket.getaddrinfo = _number_info  # type: ignore[assignment]
        yield
    finally:
        socket.gethostbyname, socket.getaddrinfo = kept


def _number_only(name: object, *args: object) -> Any:
    """What gethostbyname says of an address that is one already."""
    try:
        return str(IPv4Address(str(name)))
    except ValueError:
        raise WireError(f"{name!r} is no address: host names are not looked up") from None


def _number_info(name: object, *args: object, **kwargs: object) -> Any:
    """The same for getaddrinfo."""
    return [(socket.AF_INET, 0, 0, "", (_number_only(name), 0))]
