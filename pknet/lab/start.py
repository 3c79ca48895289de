"""Starting a traffic item: which program plays it.

Law: an item is started, and ends by calling ``done`` once, as an event of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from typing import Any

from pknet.lab.outcome import Outcome, of_ping, of_tcp, of_udp
from pknet.netns.namespace import Namespace
from pknet.netns.route import NoPath
from pknet.netns.socket.programs.ping_client import PingClient
from pknet.netns.socket.programs.tcp_client import TcpClient
from pknet.netns.socket.programs.udp_client import UdpClient
from pknet.sim.clock import MILLISECOND
from pknet.topology.spec import Ping, Send, Tcp, Traffic, Udp, Wait
from pknet.wire.frame import Frame

SEND_LASTS = 50 * MILLISECOND  # a packet sent by hand is followed that long

Done = Callable[[Outcome], Any]


@singledispatch
def start(item: Traffic, node: Namespace, done: Done) -> None:
    """Play ``item`` from ``node``. Raises TypeError for a kind that is not known."""
    raise TypeError(f"no program plays {type(item).__name__}")


@start.register
def _(item: Ping, node: Namespace, done: Done) -> None:
    client = PingClient(
        node, int(item.destination), lambda result: done(of_ping(result, client.packet)),
        id=item.id, seq=item.seq, ttl=item.ttl, size=item.size, df=item.df, ipid=item.ipid,
        timeout=item.timeout,
    )  # fmt: skip
    client.start()


@start.register
def _(item: Tcp, node: Namespace, done: Done) -> None:
    TcpClient(
        node, int(item.destination), item.port, lambda result: done(of_tcp(result)),
        sport=item.sport, payload=item.payload, timeout=item.timeout,
    ).start()  # fmt: skip


@start.register
def _(item: Udp, node: Namespace, done: Done) -> None:
    UdpClient(
        node, int(item.destination), item.port, lambda result: done(of_udp(result)),
        sport=item.sport, payload=item.payload, ttl=item.ttl, df=item.df, timeout=item.timeout,
    ).start()  # fmt: skip


@start.register
def _(item: Send, node: Namespace, done: Done) -> None:
    if item.interface is not None:
        packet: int | NoPath = node.send(node.interfaces[item.interface], Frame(item.wire))
    else:
        try:
            packet = node.send_raw(item.wire)
        except ValueError as error:
            node.clock.after(0, done, Outcome(f"not sent: {error}"))
            return
    if isinstance(packet, NoPath):
        node.clock.after(0, done, Outcome(f"not sent: {packet.error.value}"))
    else:
        node.clock.after(SEND_LASTS, done, Outcome("sent", packet=packet))


@start.register
def _(item: Wait, node: Namespace, done: Done) -> None:
    node.clock.after(item.duration, done, Outcome("waited"))
