"""Checkers of packets, one for each header; put several together.

Law: they read the wire bytes, and name every field that differs, not the first alone.

    assert flow.at("node-a:eth0").matches(ipv4(src="10.1.1.1", ttl=63), tcp(dport=8080, flags="S"))

A field that is not named, or is None, is not looked at.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pknet.lab import fields
from pknet.lab.fields import Fields, Value
from pknet.wire.frame import Frame


@dataclass(frozen=True, slots=True)
class Checker:
    """``wanted`` of one header; ``read`` gives a frame's fields, or None: it has no such header."""

    header: str
    wanted: Fields
    read: Callable[[Frame], Fields | None]

    def faults(self, frame: Frame) -> list[str]:
        """Each field that is not as wanted, as ``ipv4.ttl is 62, not 63``."""
        try:
            found = self.read(frame)
        except struct.error:
            found = None
        if found is None:
            return [f"there is no {self.header} header"]
        return [
            f"{self.header}.{name} is {found[name]!r}, not {value!r}"
            for name, value in self.wanted.items()
            if found[name] != value
        ]


def faults(frame: Frame, checkers: Sequence[Checker]) -> list[str]:
    """What all of ``checkers`` find wrong."""
    return [fault for checker in checkers for fault in checker.faults(frame)]


def ether(*, src: str | None = None, dst: str | None = None, type: int | None = None) -> Checker:
    """The Ethernet header; addresses as ``02:00:00:00:01:01``."""
    return _checker("ether", fields.ether, src=src, dst=dst, type=type)


def arp(
    *,
    op: str | None = None,
    sender_mac: str | None = None,
    sender_ip: str | None = None,
    target_mac: str | None = None,
    target_ip: str | None = None,
) -> Checker:
    """ARP; ``op`` is ``who-has`` or ``is-at``."""
    return _checker(
        "arp", fields.arp, op=op, sender_mac=sender_mac, sender_ip=sender_ip,
        target_mac=target_mac, target_ip=target_ip,
    )  # fmt: skip


def ipv4(
    *,
    src: str | None = None,
    dst: str | None = None,
    ttl: int | None = None,
    tos: int | None = None,
    id: int | None = None,
    df: bool | None = None,
    more_fragments: bool | None = None,
    offset: int | None = None,
    length: int | None = None,
    protocol: int | None = None,
) -> Checker:
    """The IPv4 header; ``offset`` and ``length`` in bytes."""
    return _checker(
        "ipv4", fields.ipv4, src=src, dst=dst, ttl=ttl, tos=tos, id=id, df=df,
        more_fragments=more_fragments, offset=offset, length=length, protocol=protocol,
    )  # fmt: skip


def tcp(
    *,
    sport: int | None = None,
    dport: int | None = None,
    flags: str | None = None,
    seq: int | None = None,
    ack: int | None = None,
    window: int | None = None,
    payload: bytes | None = None,
) -> Checker:
    """The TCP header; ``flags`` as Scapy writes them, ``S`` or ``SA``."""
    return _checker(
        "tcp", fields.tcp, sport=sport, dport=dport, flags=_flags(flags), seq=seq, ack=ack,
        window=window, payload=payload,
    )  # fmt: skip


def udp(
    *, sport: int | None = None, dport: int | None = None, payload: bytes | None = None
) -> Checker:
    """The UDP header."""
    return _checker("udp", fields.udp, sport=sport, dport=dport, payload=payload)


def icmp(
    *,
    type: int | None = None,
    code: int | None = None,
    id: int | None = None,
    seq: int | None = None,
    mtu: int | None = None,
    payload: bytes | None = None,
) -> Checker:
    """The ICMP header; ``id`` and ``seq`` of an echo, ``mtu`` of "fragmentation needed"."""
    return _checker(
        "icmp", fields.icmp, type=type, code=code, id=id, seq=seq, mtu=mtu, payload=payload
    )


def _checker(
    header: str, read: Callable[[Frame], Fields | None], **wanted: Value | None
) -> Checker:
    return Checker(header, {name: v for name, v in wanted.items() if v is not None}, read)


def _flags(flags: str | None) -> str | None:
    """In the order of the bits, so that ``AS`` and ``SA`` are the same."""
    return None if flags is None else "".join(sorted(flags, key=fields.FLAGS.index))
