"""What each traffic item does, with real sockets inside the namespaces.

Law: an item does what the topology format says and no more. What it comes to is one line of text;
what it did to the network is in the captures. Durations of the Spec are nanoseconds, asyncio's
seconds.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from functools import singledispatch

from pknet.kernel.namespace import Namespace
from pknet.netns.socket.programs.told import SENT, WAITED
from pknet.topology.item import Ping, Send, Tcp, Traffic, Udp, Wait
from pknet.wire.address import ip_int
from pknet.wire.rewrite import rewrite

BUFFER = 65536
PAUSE = 0.06  # a TCP client's, before it sends, and (or longer) after the last byte of the reply
SEND_ENDS = 0.05
IP_MTU_DISCOVER, IP_PMTUDISC_DONT = 10, 0  # include/uapi/linux/in.h
NANOSECONDS = 1e-9

Namespaces = Mapping[str, Namespace]


@singledispatch
async def perform(item: Traffic, namespaces: Namespaces) -> str:
    """Do one item. Raises OSError as the socket does, TimeoutError where nothing came."""
    raise NotImplementedError(f"no kernel player for {type(item).__name__}")


@perform.register
async def _wait(item: Wait, namespaces: Namespaces) -> str:
    await asyncio.sleep(item.duration * NANOSECONDS)
    return WAITED


def icmp_socket(item: Ping, namespaces: Namespaces) -> socket.socket:
    """A raw socket that sends ICMP, and hears all of it."""
    return _socket(item, namespaces, socket.SOCK_RAW, socket.IPPROTO_ICMP)


@perform.register
async def _tcp(item: Tcp, namespaces: Namespaces) -> str:
    """Connect, pause, send, read the reply, pause, close (pknet's own: programs.tcp_client)."""
    loop = asyncio.get_running_loop()
    timeout = item.timeout * NANOSECONDS
    with _socket(item, namespaces, socket.SOCK_STREAM) as stream:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if item.sport is not None:
            stream.bind(("", item.sport))
        started = loop.time()
        async with asyncio.timeout(timeout):
            await loop.sock_connect(stream, (str(item.destination), item.port))
        quiet = PAUSE + loop.time() - started
        await asyncio.sleep(PAUSE)
        await loop.sock_sendall(stream, item.payload)
        return f"connected, received {await _reply(stream, item, quiet)!r}"


async def _reply(stream: socket.socket, item: Tcp, quiet: float) -> bytes:
    """All that is expected to come, and what comes until nothing has for ``quiet`` seconds."""
    loop = asyncio.get_running_loop()
    expected = b"" if item.expect is None else item.expect.received or b""
    reply = b""
    while True:
        complete = bool(reply) and len(reply) >= len(expected)
        try:
            async with asyncio.timeout(quiet if complete else item.timeout * NANOSECONDS):
                more = await loop.sock_recv(stream, BUFFER)
        except TimeoutError:
            if complete:
                return reply
            raise
        if not more:
            return reply
        reply += more


@perform.register
async def _udp(item: Udp, namespaces: Namespaces) -> str:
    loop = asyncio.get_running_loop()
    with datagram_socket(item, namespaces) as datagram:
        datagram.connect((str(item.destination), item.port))
        datagram.send(item.payload)
        async with asyncio.timeout(item.timeout * NANOSECONDS):
            return f"received {await loop.sock_recv(datagram, BUFFER)!r}"


def datagram_socket(item: Udp, namespaces: Namespaces) -> socket.socket:
    """Bound where the item says so, and not yet connected."""
    datagram = _socket(item, namespaces, socket.SOCK_DGRAM)
    datagram.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, item.ttl)
    if not item.df:
        datagram.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)
    if item.sport is not None:
        datagram.bind(("", item.sport))
    return datagram


@perform.register
async def _send(item: Send, namespaces: Namespaces) -> str:
    """A packet as a raw socket routes it, or a frame as it is."""
    if item.interface is None:
        destination = socket.inet_ntoa(item.wire[16:20])
        with _socket(item, namespaces, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            raw.sendto(_with_source(item, namespaces, destination), (destination, 0))
    else:
        with _socket(item, namespaces, socket.SOCK_RAW, family=socket.AF_PACKET) as port:
            port.bind((item.interface, 0))
            port.send(item.wire)
    await asyncio.sleep(SEND_ENDS)
    return SENT


def _with_source(item: Send, namespaces: Namespaces, destination: str) -> bytes:
    """The packet with the source that its node would choose, if it has none."""
    if item.wire[12:16] != bytes(4):
        return item.wire
    with _socket(item, namespaces, socket.SOCK_DGRAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        probe.connect((destination, 9))
        return rewrite(item.wire, src=ip_int(probe.getsockname()[0]))


def _socket(
    item: Traffic,
    namespaces: Namespaces,
    kind: int,
    protocol: int = 0,
    family: int = socket.AF_INET,
) -> socket.socket:
    """A non-blocking socket in the namespace of the item's node."""
    with namespaces[item.source.partition(":")[0]].entered():
        made = socket.socket(family, kind, protocol)
    made.setblocking(False)
    return made
