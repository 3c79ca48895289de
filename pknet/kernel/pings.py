"""Pings, with raw sockets inside the namespaces.

Law: a request is of our own making, header and all, but where it must be cut.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
from typing import NamedTuple

from pknet.kernel.items import (
    BUFFER,
    IP_MTU_DISCOVER,
    IP_PMTUDISC_DONT,
    NANOSECONDS,
    Namespaces,
    icmp_socket,
    perform,
)
from pknet.netns.socket.programs.told import error_from
from pknet.topology.item import Ping
from pknet.wire import icmp, ipv4
from pknet.wire.address import ip_text


class Answer(NamedTuple):
    """What came of a request: ``about`` is its id and sequence number; ``error`` the type and code
    of an ICMP error, None for a reply."""

    about: int
    error: tuple[int, int] | None
    sender: str


@perform.register
async def _ping(item: Ping, namespaces: Namespaces) -> str:
    _, error, sender = await ping(item, namespaces)
    return f"echo-reply from {sender}" if error is None else error_from(*error, sender)


async def ping(item: Ping, namespaces: Namespaces) -> Answer:
    """One request, and its answer. Raises OSError, TimeoutError."""
    loop = asyncio.get_running_loop()
    with ping_socket(item, namespaces) as raw:
        send_request(raw, item, namespaces)
        async with asyncio.timeout(item.timeout * NANOSECONDS):
            while True:
                answer = told(await loop.sock_recv(raw, BUFFER))
                if answer is not None and answer.about == item.id << 16 | item.seq:
                    return answer


def ping_socket(item: Ping, namespaces: Namespaces) -> socket.socket:
    """A raw socket to which packets are given with their IP header."""
    raw = icmp_socket(item, namespaces)
    raw.setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1)
    return raw


def request(item: Ping) -> bytes:
    """An echo request of our own making; the kernel fills in the source, and an id of 0."""
    message = icmp.build(
        icmp.ECHO_REQUEST, 0, item.id << 16 | item.seq, bytes(n & 255 for n in range(item.size))
    )
    return ipv4.build(
        ipv4.ICMP,
        0,
        int(item.destination),
        message,
        ident=item.ipid or 0,
        ttl=item.ttl,
        fragment=ipv4.DF if item.df else 0,
    )


def send_request(raw: socket.socket, item: Ping, namespaces: Namespaces) -> None:
    """Where it is too large, may be cut and has no id of its own: as ``ping -M dont`` sends it."""
    packet, to = request(item), (str(item.destination), 0)
    try:
        raw.sendto(packet, to)
    except OSError as error:
        if error.errno != errno.EMSGSIZE or item.df or item.ipid:
            raise
        with icmp_socket(item, namespaces) as plain:
            plain.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)
            plain.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, item.ttl)
            plain.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, item.ttl)
            plain.sendto(packet[ipv4.MIN_HEADER :], to)


def told(packet: bytes) -> Answer | None:
    """What ``packet`` says of a request; None where it speaks of none."""
    header = ipv4.Ipv4.parse(packet)
    message = packet[header.header_length :]
    said = icmp.Icmp.parse(message)
    sender = ip_text(header.src)
    if said.type == icmp.ECHO_REPLY:
        return Answer(said.rest, None, sender)
    about = _quoted(message[icmp.HEADER_LENGTH :]) if said.type in icmp.LOSSES else None
    return None if about is None else Answer(about, (said.type, said.code), sender)


def _quoted(quoted: bytes) -> int | None:
    try:
        header = ipv4.Ipv4.parse(quoted)
        inner = icmp.Icmp.parse(quoted, header.header_length)
    except struct.error:
        return None
    mine = (header.protocol, inner.type) == (ipv4.ICMP, icmp.ECHO_REQUEST)
    return inner.rest if mine else None
