"""Traces made by hand, for the views to be tested without a network."""

from __future__ import annotations

from dataclasses import dataclass

from pknet.lab.grid import Grid
from pknet.trace import Hop, Step, Trace, Verdict
from pknet.trace.hop import Direction
from pknet.wire import arp, icmp, ipv4, tcp
from pknet.wire.address import BROADCAST_MAC, ip_int
from pknet.wire.ethernet import ETH_P_ARP, ETH_P_IP, Ethernet
from pknet.wire.frame import Frame

A_MAC = bytes.fromhex("020000000101")
B_MAC = bytes.fromhex("020000000201")


class Said(Step):
    """A step that says what it is told to."""

    def __init__(self, text: str, detail: bool = False, rewrite: str | None = None) -> None:
        self.text = text
        self.detail = detail
        self._rewrite = rewrite

    @property
    def rewrite(self) -> str | None:
        return self._rewrite

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Item:
    number: int
    title: str
    summary: str
    failure: str | None = None
    bulk: bool = False
    grid: Grid | None = None


def ip_frame(protocol: int, src: str, dst: str, payload: bytes, ttl: int = 64) -> Frame:
    packet = ipv4.build(protocol, ip_int(src), ip_int(dst), payload, ttl=ttl, ident=7)
    return Frame(Ethernet(B_MAC, A_MAC, ETH_P_IP).emit() + packet)


def tcp_frame(
    src: str, dst: str, sport: int, dport: int, flags: int, *, ttl: int = 64, payload: bytes = b""
) -> Frame:
    segment = tcp.build(ip_int(src), ip_int(dst), sport, dport, 1, 2, flags, 64240, payload=payload)
    return ip_frame(ipv4.TCP, src, dst, segment, ttl)


def echo_frame(src: str, dst: str, ttl: int = 64, kind: int = icmp.ECHO_REQUEST) -> Frame:
    return ip_frame(ipv4.ICMP, src, dst, icmp.build(kind, 0, 0x00010001, b"abc"), ttl)


def arp_frame(sender: str, target: str) -> Frame:
    packet = arp.Arp(arp.REQUEST, A_MAC, ip_int(sender), bytes(6), ip_int(target))
    return Frame(Ethernet(BROADCAST_MAC, A_MAC, ETH_P_ARP).emit() + packet.emit())


class Story:
    """Writes a trace as a walk would: ``visit`` opens a hop, sees frames, takes steps, closes."""

    def __init__(self) -> None:
        self.trace = Trace()
        self.now = 0

    def visit(
        self,
        node: str,
        packet: int,
        verdict: Verdict | None,
        *events: Step | tuple[str, Direction | None, Frame],
    ) -> Hop:
        hop = self.trace.open(node, packet, self.now)
        for event in events:
            if isinstance(event, Step):
                hop.step(event)
            else:
                interface, direction, frame = event
                self.trace.tap(hop, self.now, interface, direction, frame)
        if verdict is not None:
            self.trace.close(hop, verdict)
        self.now += 1000
        return hop
