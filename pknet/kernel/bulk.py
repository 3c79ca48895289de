"""Items of many packets, with real sockets inside the namespaces.

Law: as one packet's item does, many times; a packet goes at its time as well as asyncio keeps it,
and what is heard is read at once, so that no error waits for the next packet. One that is not
sent is counted, and the next one goes all the same, as ping(8) does.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable, Coroutine
from dataclasses import replace
from itertools import permutations

from pknet.kernel.items import BUFFER, NANOSECONDS, Namespaces, datagram_socket, perform
from pknet.kernel.pings import ping, ping_socket, send_request, told
from pknet.netns.socket.programs.tally import Tally
from pknet.netns.socket.programs.told import by_datagrams, by_pings
from pknet.topology.bulk import PingAll, PingStream, UdpConnections, UdpStream
from pknet.topology.item import Ping

_AN_ERROR = (0, 0, "")  # a UDP program is not told which


@perform.register
async def _ping_stream(item: PingStream, namespaces: Namespaces) -> str:
    loop, tally = asyncio.get_running_loop(), Tally(item.count)
    waiting: set[int] = set()
    with ping_socket(item, namespaces) as raw:

        def send(number: int) -> None:
            one = replace(item, seq=(item.seq + number) % 65536)
            send_request(raw, one, namespaces)
            waiting.add(one.id << 16 | one.seq)

        async def hear() -> None:
            while not tally.over:
                answer = told(await loop.sock_recv(raw, BUFFER))
                if answer is None or answer.about not in waiting:
                    continue
                waiting.discard(answer.about)
                if answer.error is None:
                    tally.answer(None)
                else:
                    tally.hear((*answer.error, answer.sender), final=True)

        await _stream(item, tally, send, hear())
    return by_pings(tally.result())


@perform.register
async def _udp_stream(item: UdpStream, namespaces: Namespaces) -> str:
    tally = Tally(item.count)
    unsent = 0  # whose ICMP error, if a rule here rejected it, says nothing new
    with datagram_socket(item, namespaces) as datagram:

        def send(number: int) -> None:
            nonlocal unsent
            if datagram.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                tally.hear(_AN_ERROR, final=True)  # of an earlier one, not read yet
            try:
                datagram.connect((str(item.destination), item.port))
                datagram.send(item.payload)
            except OSError:
                unsent += 1
                raise

        async def hear() -> None:
            nonlocal unsent
            while not tally.over:
                try:
                    answer = await asyncio.get_running_loop().sock_recv(datagram, BUFFER)
                except OSError:
                    tally.hear(_AN_ERROR, final=not unsent)
                    unsent = max(unsent - 1, 0)
                else:
                    tally.answer(None, answer)

        await _stream(item, tally, send, hear())
    return by_datagrams(tally.result())


@perform.register
async def _udp_connections(item: UdpConnections, namespaces: Namespaces) -> str:
    tally = Tally(item.count)
    opened: list[socket.socket] = []
    answers: list[asyncio.Task[None]] = []

    def send(number: int) -> None:
        one = replace(item, sport=item.sports[number], sports=())
        opened.append(datagram := datagram_socket(one, namespaces))
        datagram.connect((str(item.destination), item.port))
        datagram.send(item.payload)
        answers.append(asyncio.create_task(_answer(datagram, tally)))

    async def hear() -> None:
        await sent.wait()
        await asyncio.gather(*answers)

    sent = asyncio.Event()
    try:
        await _stream(item, tally, send, hear(), sent)
    finally:
        for task in answers:
            task.cancel()
        for datagram in opened:
            datagram.close()
    return by_datagrams(tally.result())


async def _answer(datagram: socket.socket, tally: Tally) -> None:
    """A datagram, or the error that came instead of one."""
    try:
        tally.answer(None, await asyncio.get_running_loop().sock_recv(datagram, BUFFER))
    except OSError:
        tally.hear(_AN_ERROR, final=True)


@perform.register
async def _pingall(item: PingAll, namespaces: Namespaces) -> str:
    pairs = list(permutations(item.hosts, 2))
    tally = Tally(len(pairs))
    for number, ((source, _), (_, destination)) in enumerate(pairs, 1):
        one = Ping(item.place, source, item.name, destination=destination, seq=number % 65536,
                   timeout=item.timeout)  # fmt: skip
        try:
            answer = await ping(one, namespaces)
        except TimeoutError:
            tally.sent += 1
        except OSError as error:
            tally.fail(errno.errorcode[error.errno or 0])
        else:
            tally.sent += 1
            if answer.error is None:
                tally.answer(None)
            else:
                tally.hear((*answer.error, answer.sender), final=True)
    return by_pings(tally.result())


async def _stream(
    item: PingStream | UdpStream, tally: Tally, send: Callable[[int], None],
    hearing: Coroutine[None, None, None], sent: asyncio.Event | None = None,
) -> None:  # fmt: skip
    """Send each when it is due, hear all the while, and ``timeout`` longer at most."""
    loop = asyncio.get_running_loop()
    listener, begun = asyncio.create_task(hearing), loop.time()
    try:
        for number in range(item.count):
            await asyncio.sleep(begun + item.due(number) * NANOSECONDS - loop.time())
            try:
                send(number)
                tally.sent += 1
            except OSError as error:
                tally.fail(errno.errorcode[error.errno or 0])
        if sent is not None:
            sent.set()
        if not tally.over:
            await asyncio.wait({listener}, timeout=item.timeout * NANOSECONDS)
    finally:
        listener.cancel()
