"""A frame in a few words: who talks to whom, and what it says.

Law: read from the wire bytes alone; bytes that are short or odd are told as such, and raise
nothing.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from pknet.wire import arp, icmp, ipv4, tcp, udp
from pknet.wire.address import ip_text, mac_text
from pknet.wire.ethernet import ETH_P_ARP, ETH_P_IP, type_text
from pknet.wire.frame import Frame

ICMP_NAMES = {
    icmp.ECHO_REPLY: "echo-reply",
    icmp.ECHO_REQUEST: "echo-request",
    icmp.REDIRECT: "redirect",
    icmp.PARAMETER_PROBLEM: "parameter-problem",
    icmp.TIMESTAMP: "timestamp-request",
    icmp.TIMESTAMP_REPLY: "timestamp-reply",
}
#: By type and code; the words are those of iptables' --icmp-type.
ICMP_CODE_NAMES = {
    (icmp.DEST_UNREACH, icmp.NET_UNREACH): "network-unreachable",
    (icmp.DEST_UNREACH, icmp.HOST_UNREACH): "host-unreachable",
    (icmp.DEST_UNREACH, icmp.PROT_UNREACH): "protocol-unreachable",
    (icmp.DEST_UNREACH, icmp.PORT_UNREACH): "port-unreachable",
    (icmp.DEST_UNREACH, icmp.FRAG_NEEDED): "fragmentation-needed",
    (icmp.DEST_UNREACH, icmp.NET_PROHIBITED): "network-prohibited",
    (icmp.DEST_UNREACH, icmp.HOST_PROHIBITED): "host-prohibited",
    (icmp.DEST_UNREACH, icmp.ADMIN_PROHIBITED): "communication-prohibited",
    (icmp.TIME_EXCEEDED, 0): "ttl-zero-during-transit",
    (icmp.TIME_EXCEEDED, 1): "ttl-zero-during-reassembly",
}


class Summary(NamedTuple):
    """``flow``: ``10.1.1.1:40000 > 172.30.0.1:80``; ``says``: ``SYN``; ``ttl`` None: not IPv4.

    ``about``: the flow that an ICMP error quotes.
    """

    flow: str
    says: str
    ttl: int | None = None
    about: str = ""

    def __str__(self) -> str:
        words = [self.flow, self.says]
        if self.ttl is not None:
            words.append(f"ttl {self.ttl}")
        if self.about:
            words.append(f"about {self.about}")
        return "  ".join(words)


def summary(frame: Frame) -> Summary:
    """``frame`` in a few words, whatever it holds."""
    kind, network = frame.type, frame.network
    if kind == ETH_P_ARP:
        return _arp(network) or _other(frame, "ARP, malformed")
    if kind == ETH_P_IP:
        try:
            return _ipv4(network)
        except struct.error:
            return _other(frame, "IPv4, cut short")
    return _other(frame, f"{type_text(kind)}, {len(network)} B")


def is_arp(frame: Frame) -> bool:
    """True for ARP, which keeps a network alive but is rarely what one looks for."""
    return frame.type == ETH_P_ARP


def _other(frame: Frame, says: str) -> Summary:
    header = frame.ethernet
    return Summary(f"{mac_text(header.src)} > {mac_text(header.dst)}", says)


def _arp(network: bytes) -> Summary | None:
    packet = arp.Arp.parse(network)
    if packet is None:
        return None
    sender, target = ip_text(packet.sender_ip), ip_text(packet.target_ip)
    if packet.operation == arp.REQUEST:
        return Summary("ARP", f"who has {target}? tell {sender}")
    if packet.operation == arp.REPLY:
        return Summary("ARP", f"{sender} is at {mac_text(packet.sender_mac)}")
    return Summary("ARP", f"operation {packet.operation}, {sender} > {target}")


def _ipv4(network: bytes) -> Summary:
    header = ipv4.Ipv4.parse(network)
    payload = network[header.header_length : max(header.length, header.header_length)]
    src, dst = ip_text(header.src), ip_text(header.dst)
    if header.offset:
        return Summary(f"{src} > {dst}", _fragment(header, payload), header.ttl)
    ports, says = _payload(header.protocol, payload)
    if header.is_fragment:
        says = f"{says} ({_fragment(header, payload)})"
    if ports:
        src, dst = f"{src}:{ports[0]}", f"{dst}:{ports[1]}"
    about = _quoted(payload) if header.protocol == ipv4.ICMP else ""
    return Summary(f"{src} > {dst}", says, header.ttl, about)


def _fragment(header: ipv4.Ipv4, payload: bytes) -> str:
    more = "+" if header.fragment & ipv4.MF else ""
    return f"fragment {header.offset}-{header.offset + len(payload)}{more}"


def _payload(protocol: int, payload: bytes) -> tuple[tuple[int, int] | None, str]:
    """The ports, where there are any, and what is said above IPv4."""
    if protocol == ipv4.TCP:
        segment = tcp.Tcp.parse(payload)
        data = len(payload) - segment.data_offset
        says = tcp.flag_names(segment.flags) + (f" {data} B" if data > 0 else "")
        return (segment.sport, segment.dport), says
    if protocol == ipv4.UDP:
        datagram = udp.Udp.parse(payload)
        return (datagram.sport, datagram.dport), _udp(datagram)
    if protocol == ipv4.ICMP:
        return None, _icmp(payload)
    name = ipv4.PROTOCOL_NAMES.get(protocol, f"protocol {protocol}")
    return None, f"{name} {len(payload)} B"


def _udp(datagram: udp.Udp) -> str:
    size = datagram.length - udp.HEADER_LENGTH
    return f"UDP {size} B" if size >= 0 else f"UDP length {datagram.length}"


def _icmp(payload: bytes) -> str:
    message = icmp.Icmp.parse(payload)
    return icmp_name(message.type, message.code)


def _quoted(payload: bytes) -> str:
    """The flow of the packet that an ICMP error is about; nothing where there is none."""
    if payload[0] not in icmp.ERRORS:
        return ""
    try:
        return _ipv4(payload[icmp.HEADER_LENGTH :]).flow
    except struct.error:
        return ""


def icmp_name(kind: int, code: int) -> str:
    """``host-unreachable``; or ``icmp 3/7`` where there is no common name."""
    by_code = ICMP_CODE_NAMES.get((kind, code))
    return by_code or ICMP_NAMES.get(kind) or f"icmp {kind}/{code}"
