"""Packets between the two sides of a router, in few words. An end is ``10.0.1.1:40000``."""

from __future__ import annotations

import struct

from conntrack_told import IDENT, NETS, Packet

from pknet.wire import icmp, ipv4, tcp, udp
from pknet.wire.address import ip_int, ip_text
from pknet.wire.crc32c import crc32c
from pknet.wire.ipv4 import Ipv4
from pknet.wire.tcp import ACK, FIN, PSH, RST, SYN, URG

CLIENT = "10.0.1.1:40000"
SERVER = "10.0.2.1:80"

_FLAGS = {"S": SYN, "A": ACK, "F": FIN, "R": RST, "P": PSH, "U": URG, ".": 0}


def tcp_step(
    src: str, dst: str, flags: str, seq: int, ack: int = 0, window: int = 1000,
    options: bytes = b"", payload: bytes = b"",
) -> Packet:  # fmt: skip
    """``flags`` are letters: SA is a SYN-ACK."""
    (a, sport), (b, dport) = _end(src), _end(dst)
    bits = sum(_FLAGS[letter] for letter in flags)
    data = tcp.build(a, b, sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, bits, window,
                     options, payload)  # fmt: skip
    return _from(src), ipv4.build(ipv4.TCP, a, b, data, ident=IDENT)


def udp_step(src: str = CLIENT, dst: str = SERVER, payload: bytes = b"hello") -> Packet:
    """A datagram."""
    (a, sport), (b, dport) = _end(src), _end(dst)
    data = udp.build(a, b, sport, dport, payload)
    return _from(src), ipv4.build(ipv4.UDP, a, b, data, ident=IDENT)


def icmp_step(
    src: str, dst: str, kind: int, code: int = 0, rest: int = 0, payload: bytes = b"abcdefgh"
) -> Packet:
    """Any message; ``rest`` is the second word of its header."""
    return other_step(src, dst, ipv4.ICMP, icmp.build(kind, code, rest, payload))


def echo(src: str, dst: str, ident: int, reply: bool = False, seq: int = 1) -> Packet:
    """A ping or its answer."""
    return icmp_step(src, dst, 0 if reply else 8, 0, ident << 16 | seq)


def error_step(
    src: str, about: Packet, kind: int = 3, code: int = 1, room: int = 548, rest: int = 0
) -> Packet:
    """An error that ``src`` sends to the source of ``about``, and quotes that packet in."""
    data = about[1]
    return icmp_step(src, ip_text(Ipv4.parse(data).src), kind, code, rest, data[:room])


def other_step(src: str, dst: str, protocol: int, payload: bytes = b"abcdefgh") -> Packet:
    """Any protocol."""
    a, b = ip_int(src), ip_int(dst)
    return _from(src), ipv4.build(protocol, a, b, payload, ident=IDENT)


def sctp_step(src: str, dst: str, tag: int, *chunks: bytes) -> Packet:
    """An SCTP packet of ``chunks``."""
    (a, sport), (b, dport) = _end(src), _end(dst)
    bare = struct.pack("!HHII", sport, dport, tag, 0) + b"".join(chunks)
    data = bare[:8] + crc32c(bare).to_bytes(4, "little") + bare[12:]
    return _from(src), ipv4.build(ipv4.SCTP, a, b, data, ident=IDENT)


def chunk(kind: int, value: bytes = b"", flags: int = 0) -> bytes:
    """One chunk; ``value`` is whole words long."""
    return struct.pack("!BBH", kind, flags, 4 + len(value)) + value


def init(tag: int, kind: int = 1) -> bytes:
    """INIT, or as ``kind`` 2 INIT-ACK: answers are to bear ``tag``."""
    return chunk(kind, struct.pack("!IIHHI", tag, 65535, 1, 1, 1))


def _from(src: str) -> str:
    return "client" if src.startswith(NETS["client"]) else "server"


def _end(text: str) -> tuple[int, int]:
    address, _, port = text.partition(":")
    return ip_int(address), int(port or 0)
