"""What a packet leaves open, and Scapy would ask the host for: filled in from the model.

Law: a field that a user gave is never touched. Whether it was given is read from ``fields``;
reading the attribute would be the look-up itself.

    outer Ether   src: the interface's MAC; dst: the broadcast address
    ARP           hwsrc and psrc: the interface's MAC and address
    outer IP      src: the interface's address; 0.0.0.0 where the node's routing will choose one
    NTP, ICMP     0 for each timestamp (Scapy: the time of day)

Sources inside a tunnel are refused: no interface of the model is theirs.
"""

from __future__ import annotations

from collections.abc import Iterator

from scapy.fields import ConditionalField
from scapy.layers import inet, l2
from scapy.packet import Packet

from pknet.wire.address import BROADCAST_MAC, ip_text, mac_text
from pknet.wire.scapy.layers import is_frame

#: Fields of Scapy's that hold the time unless they are given.
_CLOCKS = frozenset({"TimeStampField", "ICMPTimeStampField"})


class OpenFieldError(ValueError):
    """A field is missing that neither packet nor model knows."""


def fill(packet: Packet, source: bytes, address: int) -> None:
    """Fill in ``packet`` in place. Raises OpenFieldError."""
    tunnelled = False
    for position, one in enumerate(layers(packet)):
        tunnelled = tunnelled or (is_frame(one) and position > 0)
        if tunnelled or type(one).__name__ == "IPv6":
            _demand(one)
        else:
            _fill_layer(one, source, address)
        tunnelled = tunnelled or isinstance(one, inet.IP)
        _stop_clocks(one)


def layers(packet: Packet) -> Iterator[Packet]:
    """A packet and its payloads, outermost first."""
    while packet:
        yield packet
        packet = packet.payload


def _fill_layer(one: Packet, source: bytes, address: int) -> None:
    if is_frame(one):
        _default(one, src=mac_text(source), dst=mac_text(BROADCAST_MAC))
    elif isinstance(one, l2.ARP):
        _default(one, hwsrc=mac_text(source), psrc=ip_text(address))
    elif isinstance(one, inet.IP):
        _default(one, src=ip_text(address))


def _default(one: Packet, **values: str) -> None:
    for name, value in values.items():
        if one.fields.get(name) is None:
            setattr(one, name, value)


def _demand(one: Packet) -> None:
    """Nothing here has a default that is not the host's."""
    open_fields: tuple[str, ...] = ()
    if is_frame(one):
        open_fields = ("src", "dst")
    elif isinstance(one, l2.ARP):
        open_fields = ("hwsrc", "psrc")
    elif isinstance(one, inet.IP) or type(one).__name__ == "IPv6":
        open_fields = ("src",)
    for name in open_fields:
        if one.fields.get(name) is None:
            raise OpenFieldError(f"{type(one).__name__} needs its {name!r}: nothing here knows it")


def _stop_clocks(one: Packet) -> None:
    for field in one.fields_desc:
        if isinstance(field, ConditionalField):
            if not field._evalcond(one):
                continue
            field = field.fld
        if type(field).__name__ in _CLOCKS and one.fields.get(field.name) is None:
            setattr(one, field.name, 0)
