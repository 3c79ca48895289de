"""The line that LOG writes (Linux: net/netfilter/nf_log_syslog.c, nf_log_ip_packet).

Law: the words, their order and their spaces are the kernel's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pknet.link.interface import Interface
from pknet.link.skb import Skb
from pknet.netns.hook import HookState
from pknet.netns.netfilter.protocols import ICMP, TCP, UDP, UDPLITE
from pknet.wire.address import ip_text
from pknet.wire.ipv4 import DF, MF, MIN_HEADER, OFFSET_MASK, Ipv4

_CE = 0x8000  # the reserved flag, as Linux calls it
_TCP_FLAGS = (("CWR", 128), ("ECE", 64), ("URG", 32), ("ACK", 16), ("PSH", 8), ("RST", 4),
              ("SYN", 2), ("FIN", 1))  # fmt: skip
_ECHO = (0, 8)
_UNREACHABLE, _QUENCH, _REDIRECT, _TIME_EXCEEDED, _PARAMETER = 3, 4, 5, 11, 12
_QUOTING = (_UNREACHABLE, _QUENCH, _REDIRECT, _TIME_EXCEEDED)
_FRAG_NEEDED = 4
_IPSEC = {50: ("ESP", 0, 8), 51: ("AH", 4, 12)}  # name, where its SPI stands, header: bytes


@dataclass(frozen=True, slots=True)
class LogFlags:
    """What else is told (Linux: NF_LOG_TCPSEQ, NF_LOG_TCPOPT, NF_LOG_IPOPT, NF_LOG_MACDECODE)."""

    sequence: bool = False
    tcp_options: bool = False
    ip_options: bool = False
    mac_decode: bool = False


def log_line(state: HookState, flags: LogFlags) -> str:
    """Without prefix."""
    skb = state.skb
    words = [f"IN={_name(state.indev)} OUT={_name(state.outdev)} "]
    if state.physin is not None:
        words.append(f"PHYSIN={state.physin.name} ")
    if state.physout is not None:
        words.append(f"PHYSOUT={state.physout.name} ")
    if state.indev is not None:
        words.append(_mac(skb, flags))
    words += _packet(skb.network, flags)
    if skb.mark:
        words.append(f"MARK={skb.mark:#x} ")
    return "".join(words)


def _name(device: Interface | None) -> str:
    return device.name if device is not None else ""


def _mac(skb: Skb, flags: LogFlags) -> str:
    """Linux: dump_mac_header."""
    header = skb.header
    if not flags.mac_decode:
        return f"MAC={header.hex(':')} "
    target, source = header[:6].hex(":"), header[6:12].hex(":")
    return f"MACSRC={source} MACDST={target} MACPROTO={header[12:14].hex()} "


def _packet(data: bytes, flags: LogFlags, quoted: bool = False) -> Iterator[str]:
    """Linux: dump_ipv4_packet."""
    header = Ipv4.parse(data)
    yield f"SRC={ip_text(header.src)} DST={ip_text(header.dst)} "
    yield f"LEN={header.length} TOS=0x{header.tos & 0x1E:02X} PREC=0x{header.tos & 0xE0:02X} "
    yield f"TTL={header.ttl} ID={header.id} "
    yield "".join(
        f"{name} " for name, bit in (("CE", _CE), ("DF", DF), ("MF", MF)) if header.fragment & bit
    )
    if header.offset:
        yield f"FRAG:{header.fragment & OFFSET_MASK} "
    if flags.ip_options and header.header_length > MIN_HEADER:
        yield f"OPT ({data[MIN_HEADER : header.header_length].hex().upper()}) "
    yield from _transport(header, data[header.header_length :], flags, quoted)


def _transport(header: Ipv4, data: bytes, flags: LogFlags, quoted: bool) -> Iterator[str]:
    if header.protocol in (UDP, UDPLITE):
        yield "PROTO=UDP " if header.protocol == UDP else "PROTO=UDPLITE "
        if not header.offset:
            yield _udp(data)
    elif header.protocol == TCP:
        yield "PROTO=TCP "
        if not header.offset:
            yield from _tcp(data, flags)
    elif header.protocol == ICMP:
        yield "PROTO=ICMP "
        if not header.offset:
            yield from _icmp(data, flags, quoted)
    elif header.protocol in _IPSEC:
        yield _ipsec(header, data, *_IPSEC[header.protocol])
    else:
        yield f"PROTO={header.protocol} "


def _number(data: bytes, start: int, size: int = 2) -> int:
    return int.from_bytes(data[start : start + size], "big")


def _ipsec(header: Ipv4, data: bytes, name: str, at: int, size: int) -> str:
    if header.offset:
        return f"PROTO={name} "
    if len(data) < size:
        return f"PROTO={name} INCOMPLETE [{len(data)} bytes] "
    return f"PROTO={name} SPI={_number(data, at, 4):#x} "


def _udp(data: bytes) -> str:
    if len(data) < 8:
        return f"INCOMPLETE [{len(data)} bytes] "
    return f"SPT={_number(data, 0)} DPT={_number(data, 2)} LEN={_number(data, 4)} "


def _tcp(data: bytes, flags: LogFlags) -> Iterator[str]:
    """Linux: nf_log_dump_tcp_header."""
    if len(data) < 20:
        yield f"INCOMPLETE [{len(data)} bytes] "
        return
    yield f"SPT={_number(data, 0)} DPT={_number(data, 2)} "
    if flags.sequence:
        yield f"SEQ={_number(data, 4, 4)} ACK={_number(data, 8, 4)} "
    yield f"WINDOW={_number(data, 14)} RES=0x{(data[12] & 15) << 2:02x} "
    yield "".join(f"{name} " for name, bit in _TCP_FLAGS if data[13] & bit)
    yield f"URGP={_number(data, 18)} "
    end = (data[12] >> 4) * 4
    if flags.tcp_options and end > 20:
        yield f"OPT ({data[20:end].hex().upper()}) "


def _icmp(data: bytes, flags: LogFlags, quoted: bool) -> Iterator[str]:
    """What is quoted in an error is told as well, but not what is quoted in that."""
    if len(data) < 8:
        yield f"INCOMPLETE [{len(data)} bytes] "
        return
    kind, code = data[0], data[1]
    yield f"TYPE={kind} CODE={code} "
    if kind in (*_QUOTING, _PARAMETER) and len(data) < 8 + MIN_HEADER:
        yield f"INCOMPLETE [{len(data)} bytes] "
        return
    if kind in _ECHO:
        yield f"ID={_number(data, 4)} SEQ={_number(data, 6)} "
    if kind == _PARAMETER:
        yield f"PARAMETER={data[4]} "
    if kind == _REDIRECT:
        yield f"GATEWAY={ip_text(_number(data, 4, 4))} "
    if kind in _QUOTING and not quoted:
        yield "[" + "".join(_packet(data[8:], flags, quoted=True)) + "] "
    if (kind, code) == (_UNREACHABLE, _FRAG_NEEDED):
        yield f"MTU={_number(data, 6)} "
