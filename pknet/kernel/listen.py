"""The listeners of a topology, as real sockets in their namespaces.

    tcp   accept, read once (or ``read`` bytes), reply, close when the client has closed
    udp   answer each datagram

Law: a listener serves any number of connections and datagrams until its task is cancelled.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable

from pknet.kernel.namespace import Namespace
from pknet.topology.spec import ListenSpec, NodeSpec

BUFFER = 65536


def listeners(node: NodeSpec, namespace: Namespace) -> Iterable[asyncio.Task[None]]:
    """Open every listener of ``node`` at once; each is served by the task that comes back."""
    for listen in node.listen:
        kind, serve = _KINDS[listen.protocol]
        with namespace.entered():
            opened = socket.socket(socket.AF_INET, kind)
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(("", listen.port))
        if kind == socket.SOCK_STREAM:
            opened.listen(128)
        yield asyncio.create_task(serve(opened, listen))


async def _serve_tcp(listener: socket.socket, listen: ListenSpec) -> None:
    loop = asyncio.get_running_loop()
    with listener:
        async with asyncio.TaskGroup() as connections:
            while True:
                connection, _ = await loop.sock_accept(listener)
                connections.create_task(_serve_connection(connection, listen))


async def _serve_connection(connection: socket.socket, listen: ListenSpec) -> None:
    loop = asyncio.get_running_loop()
    with connection:
        try:
            await _read(connection, listen.read or 1)
            await loop.sock_sendall(connection, listen.reply)
            while await loop.sock_recv(connection, BUFFER):
                pass
        except ConnectionError:
            pass  # reset by the client: there is nobody left to answer


async def _read(connection: socket.socket, wanted: int) -> None:
    """Until ``wanted`` bytes have come, or the client has closed; 1 byte is one read."""
    loop = asyncio.get_running_loop()
    while wanted > 0:
        received = await loop.sock_recv(connection, BUFFER)
        if not received:
            return
        wanted -= len(received)


async def _serve_udp(bound: socket.socket, listen: ListenSpec) -> None:
    loop = asyncio.get_running_loop()
    with bound:
        while True:
            try:
                _, client = await loop.sock_recvfrom(bound, BUFFER)
                await loop.sock_sendto(bound, listen.reply, client)
            except OSError:
                pass  # an ICMP error for an answer, or no route for it: the next may come through


_KINDS = {
    "tcp": (socket.SOCK_STREAM, _serve_tcp),
    "udp": (socket.SOCK_DGRAM, _serve_udp),
}
