"""The fields of each header, by name, as checkers compare them.

Law: read from the wire bytes; None where a frame has no such header. struct.error: cut short.
"""

from __future__ import annotations

from typing import TypeAlias

from pknet.wire import arp as wire_arp
from pknet.wire import icmp as wire_icmp
from pknet.wire import tcp as wire_tcp
from pknet.wire import udp as wire_udp
from pknet.wire.address import ip_text, mac_text
from pknet.wire.ethernet import ETH_P_ARP, ETH_P_IP
from pknet.wire.frame import Frame
from pknet.wire.ipv4 import ICMP, MF, TCP, UDP, Ipv4

Value: TypeAlias = int | str | bytes | bool
Fields: TypeAlias = dict[str, Value]

FLAGS = "FSRPAUEC"  # from the lowest bit up, as Scapy and tcpdump name them


def ether(frame: Frame) -> Fields | None:
    """Ethernet; addresses as text."""
    if not frame.header:
        return None
    header = frame.ethernet
    return {"src": mac_text(header.src), "dst": mac_text(header.dst), "type": header.type}


def arp(frame: Frame) -> Fields | None:
    """ARP; an unknown operation is its number."""
    if frame.type != ETH_P_ARP:
        return None
    packet = wire_arp.Arp.parse(frame.network)
    if packet is None:
        return None
    names = {wire_arp.REQUEST: "who-has", wire_arp.REPLY: "is-at"}
    return {
        "op": names.get(packet.operation, str(packet.operation)),
        "sender_mac": mac_text(packet.sender_mac),
        "sender_ip": ip_text(packet.sender_ip),
        "target_mac": mac_text(packet.target_mac),
        "target_ip": ip_text(packet.target_ip),
    }


def _header(frame: Frame) -> Ipv4 | None:
    if frame.type != ETH_P_IP:
        return None
    return Ipv4.parse(frame.network)


def _payload(frame: Frame, protocol: int) -> bytes | None:
    """What ``protocol`` says; None for another one, and for all but the first fragment."""
    header = _header(frame)
    if header is None or header.protocol != protocol or header.offset:
        return None
    network = frame.network
    return network[header.header_length : header.length]


def ipv4(frame: Frame) -> Fields | None:
    """IPv4; offset and length in bytes."""
    header = _header(frame)
    if header is None:
        return None
    return {
        "src": ip_text(header.src),
        "dst": ip_text(header.dst),
        "ttl": header.ttl,
        "tos": header.tos,
        "id": header.id,
        "df": header.df,
        "more_fragments": bool(header.fragment & MF),
        "offset": header.offset,
        "length": header.length,
        "protocol": header.protocol,
    }


def tcp(frame: Frame) -> Fields | None:
    """TCP; flags as Scapy writes them."""
    data = _payload(frame, TCP)
    if data is None:
        return None
    header = wire_tcp.Tcp.parse(data)
    return {
        "sport": header.sport,
        "dport": header.dport,
        "flags": "".join(letter for bit, letter in enumerate(FLAGS) if header.flags >> bit & 1),
        "seq": header.seq,
        "ack": header.ack,
        "window": header.window,
        "payload": data[header.data_offset :],
    }


def udp(frame: Frame) -> Fields | None:
    """UDP."""
    data = _payload(frame, UDP)
    if data is None:
        return None
    header = wire_udp.Udp.parse(data)
    payload = data[wire_udp.HEADER_LENGTH :]
    return {"sport": header.sport, "dport": header.dport, "payload": payload}


def icmp(frame: Frame) -> Fields | None:
    """ICMP; what the second word means depends on the type."""
    data = _payload(frame, ICMP)
    if data is None:
        return None
    header = wire_icmp.Icmp.parse(data)
    return {
        "type": header.type,
        "code": header.code,
        "id": header.id,
        "seq": header.seq,
        "mtu": header.rest & 0xFFFF,
        "payload": data[wire_icmp.HEADER_LENGTH :],
    }
