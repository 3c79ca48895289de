"""The layers that a packet expression may name, and the modules of Scapy that have them."""

from __future__ import annotations

from scapy.layers import inet, l2
from scapy.packet import Packet

from pknet.wire.scapy.host import load_module

#: Name of a layer to the module that has it, which is imported when it is first asked for.
LAYERS: dict[str, str] = {
    **dict.fromkeys(("Ether", "Dot3", "LLC", "SNAP", "ARP", "Dot1Q", "Dot1AD", "STP", "GRE"),
                    "layers.l2"),
    **dict.fromkeys(("IP", "TCP", "UDP", "ICMP"), "layers.inet"),
    **dict.fromkeys(("IPOption", *(f"IPOption_{name}" for name in (
        "EOL", "NOP", "RR", "Timestamp", "LSRR", "SSRR", "Router_Alert", "Security", "Stream_Id",
        "MTU_Probe", "MTU_Reply", "Traceroute", "Address_Extension", "SDBM",
    ))), "layers.inet"),
    **dict.fromkeys(("Raw", "Padding"), "packet"),
    **dict.fromkeys(("SCTP", "SCTPChunkInit", "SCTPChunkData"), "layers.sctp"),
    **dict.fromkeys(("DNS", "DNSQR", "DNSRR"), "layers.dns"),
    **dict.fromkeys(("BOOTP", "DHCP"), "layers.dhcp"),
    "VXLAN": "layers.vxlan",
    "IPv6": "layers.inet6",
    "NTP": "layers.ntp",
    "RIP": "layers.rip",
    "HSRP": "layers.hsrp",
}  # fmt: skip


def layer(name: str) -> type[Packet]:
    """The class of a layer in LAYERS. Raises KeyError for others."""
    found: type[Packet] = getattr(load_module(f"scapy.{LAYERS[name]}"), name)
    return found


def field_names(one: Packet) -> list[str]:
    """The fields of a layer, in their order on the wire."""
    return [field.name for field in one.fields_desc]


def is_packet(thing: object) -> bool:
    """True for a Scapy packet."""
    return isinstance(thing, Packet)


def is_frame(packet: Packet) -> bool:
    """True for a packet that begins with its Ethernet header."""
    return isinstance(packet, l2.Ether | l2.Dot3)


def is_ipv4(packet: Packet) -> bool:
    """True for a packet that begins with its IPv4 header."""
    return isinstance(packet, inet.IP)
