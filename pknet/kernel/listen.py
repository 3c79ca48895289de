"""The listeners of a topology, as real sockets in their namespaces.

    tcp   accept, read once (or ``read`` bytes), reply, close when the client has closed
    udp   answer each datagram

Law: a listener serves any number of connections and datagrams, until the block is left.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager

from pknet.kernel.errors import KernelError
from pknet.kernel.namespace import Namespace
from pknet.topology.spec import ListenSpec, Spec

BUFFER = 65536
BACKLOG = 128


@asynccontextmanager
async def listening(spec: Spec, namespaces: Mapping[str, Namespace]) -> AsyncIterator[None]:
    """Open and serve every listener of ``spec``. Raises KernelError where a port is taken."""
    with ExitStack() as stack:
        opened = [
            (stack.enter_context(_open(namespaces[node.name], listener)), listener)
            for node in spec.nodes
            for listener in node.listen
        ]
        tasks = [
            asyncio.create_task(_serve_tcp(bound, listener))
            if listener.protocol == "tcp"
            else asyncio.create_task(_serve_udp(bound, listener))
            for bound, listener in opened
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _open(namespace: Namespace, listener: ListenSpec) -> socket.socket:
    kind = socket.SOCK_STREAM if listener.protocol == "tcp" else socket.SOCK_DGRAM
    with namespace.entered():
        bound = socket.socket(socket.AF_INET, kind)
    try:
        bound.setblocking(False)
        bound.bind(("", listener.port))
        if kind == socket.SOCK_STREAM:
            bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        what = f"{namespace.node}: listen {listener.protocol} {listener.port}"
        raise KernelError(f"{what}: {error.strerror}") from error
    return bound


async def _serve_tcp(bound: socket.socket, listener: ListenSpec) -> None:
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as connections:
        while True:
            connection, _ = await loop.sock_accept(bound)
            connections.create_task(_serve_connection(connection, listener))


async def _serve_connection(connection: socket.socket, listener: ListenSpec) -> None:
    loop = asyncio.get_running_loop()
    with connection:
        try:
            await _read(connection, listener.read or 1)
            async with asyncio.TaskGroup() as both:  # a client may send on while it is answered
                both.create_task(loop.sock_sendall(connection, listener.reply))
                both.create_task(_rest(connection))
        except* OSError:
            pass  # reset by the client, or given up by TCP: there is nobody left to answer


async def _rest(connection: socket.socket) -> None:
    """Until the client has closed."""
    while await asyncio.get_running_loop().sock_recv(connection, BUFFER):
        pass


async def _read(connection: socket.socket, wanted: int) -> None:
    """Until ``wanted`` bytes have come, or the client has closed; 1 byte is one read."""
    loop = asyncio.get_running_loop()
    while wanted > 0:
        received = await loop.sock_recv(connection, BUFFER)
        if not received:
            return
        wanted -= len(received)


async def _serve_udp(bound: socket.socket, listener: ListenSpec) -> None:
    loop = asyncio.get_running_loop()
    while True:
        try:
            _, client = await loop.sock_recvfrom(bound, BUFFER)
            await loop.sock_sendto(bound, listener.reply, client)
        except OSError:
            pass  # an ICMP error for an answer, or no route for it: the next may come through
