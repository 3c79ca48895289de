"""Starting a traffic item: which program plays it.

Law: an item is started, and ends by calling ``done`` once, as an event of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from typing import Any

from pknet.lab.outcome import (
    Outcome,
    of_datagrams,
    of_ping,
    of_pings,
    of_tcp,
    of_udp,
    unsent,
)  # fmt: skip
from pknet.lab.pingall import Host, PingAll
from pknet.link.interface import Interface
from pknet.netns.namespace import Namespace
from pknet.netns.route import NoPath
from pknet.netns.socket.programs.ping_client import PingClient
from pknet.netns.socket.programs.ping_stream import PingStream
from pknet.netns.socket.programs.tcp_client import TcpClient
from pknet.netns.socket.programs.told import SENT, WAITED
from pknet.netns.socket.programs.udp_client import UdpClient
from pknet.netns.socket.programs.udp_connections import UdpConnections
from pknet.netns.socket.programs.udp_stream import UdpStream
from pknet.sim import Timer
from pknet.sim.clock import MILLISECOND
from pknet.topology import bulk
from pknet.topology.item import Ping, Send, Tcp, Traffic, Udp, Wait
from pknet.wire.frame import Frame

SEND_LASTS = 50 * MILLISECOND  # a packet sent by hand is followed that long

Done = Callable[[Outcome], Any]
#: The node of a name, or of ``node:interface``; without a name any node, for its clock.
Find = Callable[[str], Namespace]


@singledispatch
def start(item: Traffic, find: Find, done: Done) -> None:
    """Play ``item``; ``find`` knows the nodes. Raises TypeError for a kind that is not known."""
    raise TypeError(f"no program plays {type(item).__name__}")


@start.register
def _(item: Ping, find: Find, done: Done) -> None:
    node = find(item.source)
    client = PingClient(
        node, int(item.destination), lambda result: done(of_ping(result, client.packet)),
        id=item.id, seq=item.seq, ttl=item.ttl, size=item.size, df=item.df, ipid=item.ipid,
        timeout=item.timeout,
    )  # fmt: skip
    client.start()


@start.register
def _(item: Tcp, find: Find, done: Done) -> None:
    node = find(item.source)
    expected = b"" if item.expect is None else item.expect.received or b""
    TcpClient(
        node, int(item.destination), item.port,
        lambda result: done(of_tcp(result, len(item.payload))), sport=item.sport,
        payload=item.payload, expected=len(expected), timeout=item.timeout,
    ).start()  # fmt: skip


@start.register
def _(item: Udp, find: Find, done: Done) -> None:
    node = find(item.source)
    UdpClient(
        node, int(item.destination), item.port, lambda result: done(of_udp(result)),
        sport=item.sport, payload=item.payload, ttl=item.ttl, df=item.df, timeout=item.timeout,
    ).start()  # fmt: skip


@start.register
def _(item: bulk.PingStream, find: Find, done: Done) -> None:
    PingStream(
        find(item.source), int(item.destination), lambda result: done(of_pings(result)),
        count=item.count, due=item.due, id=item.id, seq=item.seq, ttl=item.ttl, size=item.size,
        df=item.df, ipid=item.ipid, timeout=item.timeout,
    ).start()  # fmt: skip


@start.register
def _(item: bulk.UdpStream, find: Find, done: Done) -> None:
    UdpStream(
        find(item.source), int(item.destination), item.port,
        lambda result: done(of_datagrams(result)), count=item.count, due=item.due, sport=item.sport,
        payload=item.payload, ttl=item.ttl, df=item.df, timeout=item.timeout,
    ).start()  # fmt: skip


@start.register
def _(item: bulk.UdpConnections, find: Find, done: Done) -> None:
    UdpConnections(
        find(item.source), int(item.destination), item.port,
        lambda result: done(of_datagrams(result)), due=item.due, sports=item.sports,
        payload=item.payload, ttl=item.ttl, df=item.df, timeout=item.timeout,
    ).start()  # fmt: skip


@start.register
def _(item: bulk.PingAll, find: Find, done: Done) -> None:
    hosts = [Host(find(name), int(address)) for name, address in item.hosts]
    PingAll(hosts, item.timeout, lambda sums, grid: done(of_pings(sums, grid))).start()


@start.register
def _(item: Send, find: Find, done: Done) -> None:
    node = find(item.source)
    sender = _Sender(node, done)
    if item.interface is not None:
        sender.frame(node.interfaces[item.interface], item.wire)
    else:
        sender.packet(item.wire)


class _Sender:
    """A packet socket or a raw one, that sends once."""

    def __init__(self, node: Namespace, done: Done) -> None:
        self.node = node
        self.done = done
        self._sent: int | None = None
        self._timer: Timer | None = None

    def frame(self, interface: Interface, wire: bytes) -> None:
        """As it is; where the interface is down, the trace tells of it (Linux: packet_snd)."""
        self._sent = self.node.send(interface, Frame(wire))
        if interface.up:
            self._wait()
        else:
            self._end(unsent("ENETDOWN", self._sent))

    def packet(self, wire: bytes) -> None:
        """Routed by the node."""
        try:
            sent = self.node.own.raw(wire, self._refused)
        except ValueError as error:
            self._end(Outcome(f"not sent: {error}", str(error).partition(":")[0]))
            return
        if isinstance(sent, NoPath):
            self._end(unsent(sent.error.name))
        else:
            self._sent = sent
            self._wait()

    def _wait(self) -> None:
        sent = Outcome("sent", SENT, packet=self._sent)
        self._timer = self.node.clock.after(SEND_LASTS, self.done, sent)

    def _refused(self, errno: str) -> None:
        assert self._timer is not None
        self._timer.cancel()
        self._end(unsent(errno, self._sent))

    def _end(self, outcome: Outcome) -> None:
        self.node.clock.after(0, self.done, outcome)


@start.register
def _(item: Wait, find: Find, done: Done) -> None:
    node = find(item.source)
    node.clock.after(item.duration, done, Outcome("waited", WAITED))
