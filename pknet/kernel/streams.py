"""Items of many packets, with real sockets inside the namespaces.

Law: as one packet's item does, many times; a packet goes at its time as well as asyncio keeps it,
and what is heard is read at once, so that no error waits for the next packet.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import permutations

from pknet.kernel.errors import KernelUnsupportedError
from pknet.kernel.items import (
    BUFFER,
    NANOSECONDS,
    Namespaces,
    datagram_socket,
    perform,
)  # fmt: skip
from pknet.kernel.pings import ping_socket, send_request, told
from pknet.topology.bulk import PingAll, PingStream, UdpConnections, UdpStream
from pknet.topology.item import Ping, Traffic
from pknet.topology.spec import Spec

MOST = 1000  # packets of an item: real time passes here
PACE = 100  # packets a second, that real programs keep, each answer before the next request


def require(spec: Spec) -> None:
    """Raises KernelUnsupportedError for an item that would take too long."""
    for item in spec.traffic:
        count = packets(item)
        if count > MOST:
            text = f"{item.place}: {item.name}: {count} packets; on the kernel at most {MOST}"
            raise KernelUnsupportedError(f"{text}: take fewer for this comparison")


def packets(item: Traffic) -> int:
    """How many requests ``item`` sends."""
    if isinstance(item, PingAll):
        return len(item.hosts) * (len(item.hosts) - 1)
    return item.count if isinstance(item, PingStream | UdpStream) else 1


def paced(spec: Spec) -> Spec:
    """``spec`` with no stream faster than ``PACE``: beyond it, the order here is nobody's."""
    return replace(spec, traffic=tuple(_paced(item) for item in spec.traffic))


def _paced(item: Traffic) -> Traffic:
    if isinstance(item, UdpStream) and item.rate > PACE:
        return replace(item, rate=PACE)
    if isinstance(item, PingStream):
        return replace(item, interval=max(item.interval, 1_000_000_000 // PACE))
    return item


@perform.register
async def _ping_stream(item: PingStream, namespaces: Namespaces) -> str:
    loop = asyncio.get_running_loop()
    with ping_socket(item, namespaces) as raw:

        async def send(number: int) -> None:
            one = replace(item, seq=(item.seq + number) % 65536)
            send_request(raw, one, namespaces)

        async def hear() -> None:
            waiting = {item.id << 16 | (item.seq + n) % 65536 for n in range(item.count)}
            while waiting:
                answer = told(await loop.sock_recv(raw, BUFFER))
                if answer is not None and answer[0] in waiting:
                    waiting.discard(answer[0])
                    heard.append(answer[1])

        heard: list[str] = []
        await _stream(item, send, hear())
    return f"{item.count} sent, {len(heard)} heard"


@perform.register
async def _udp_stream(item: UdpStream, namespaces: Namespaces) -> str:
    with datagram_socket(item, namespaces) as datagram:
        datagram.connect((str(item.destination), item.port))

        async def send(number: int) -> None:
            try:
                datagram.send(item.payload)
            except ConnectionRefusedError:  # told of an earlier one, and so not sent
                heard.append("refused")
                datagram.send(item.payload)

        async def hear() -> None:
            while len(heard) < item.count:
                heard.append(await _answer(datagram))

        heard: list[str] = []
        await _stream(item, send, hear())
    return f"{item.count} sent, {len(heard)} heard"


@perform.register
async def _udp_connections(item: UdpConnections, namespaces: Namespaces) -> str:
    opened: list[socket.socket] = []
    answers: list[asyncio.Task[str]] = []

    async def send(number: int) -> None:
        one = replace(item, sport=item.sports[number], sports=())
        opened.append(datagram := datagram_socket(one, namespaces))
        datagram.connect((str(item.destination), item.port))
        datagram.send(item.payload)
        answers.append(asyncio.create_task(_answer(datagram)))

    async def hear() -> None:
        await sent.wait()
        await asyncio.gather(*answers)

    sent = asyncio.Event()
    try:
        await _stream(item, send, hear(), sent)
        heard = [task for task in answers if task.done() and not task.cancelled()]
    finally:
        for task in answers:
            task.cancel()
        for datagram in opened:
            datagram.close()
    return f"{item.count} sent, {len(heard)} heard"


@perform.register
async def _pingall(item: PingAll, namespaces: Namespaces) -> str:
    lost = 0
    pairs = list(permutations(item.hosts, 2))
    for number, ((source, _), (_, destination)) in enumerate(pairs, 1):
        ping = Ping(item.place, source, item.name, destination=destination, seq=number % 65536,
                    timeout=item.timeout)  # fmt: skip
        try:
            await perform(ping, namespaces)
        except (TimeoutError, OSError):
            lost += 1
    return f"{len(pairs)} sent, {lost} lost"


async def _answer(datagram: socket.socket) -> str:
    """A datagram, or the error that came instead of one."""
    try:
        return repr(await asyncio.get_running_loop().sock_recv(datagram, BUFFER))
    except OSError as error:
        return str(error)


async def _stream(
    item: PingStream | UdpStream, send: Callable[[int], Awaitable[None]],
    hearing: Awaitable[None], sent: asyncio.Event | None = None,
) -> None:  # fmt: skip
    """Send each when it is due, hear all the while, and ``timeout`` longer at most."""
    loop = asyncio.get_running_loop()
    listener, begun = asyncio.ensure_future(hearing), loop.time()
    try:
        for number in range(item.count):
            await asyncio.sleep(begun + item.due(number) * NANOSECONDS - loop.time())
            await send(number)
        if sent is not None:
            sent.set()
        async with asyncio.timeout(item.timeout * NANOSECONDS):
            await listener
    except TimeoutError:
        pass  # what was heard is counted
    finally:
        listener.cancel()
