"""A network namespace: the parts of one stack, joined.

Law: each part is handed what it needs and knows no more; only here do they all meet.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from pknet.link.bridge import Bridge
from pknet.link.device import Device
from pknet.link.interface import BACKLOG, Interface
from pknet.link.loopback import Loopback
from pknet.link.skb import PacketType, Skb
from pknet.link.visit import end
from pknet.netns.address import LOOPBACK_NET, Addresses
from pknet.netns.arp import ArpLayer
from pknet.netns.br_netfilter import BrNetfilter
from pknet.netns.detour import Detours
from pknet.netns.fib import Fib
from pknet.netns.firewall import Firewall
from pknet.netns.forward import Forward
from pknet.netns.fragment import geometry
from pknet.netns.hooks import Hooks
from pknet.netns.icmp import IcmpLayer
from pknet.netns.icmp_input import IcmpInput
from pknet.netns.input import Input
from pknet.netns.neighbour import Neighbour, Neighbours, Waiting
from pknet.netns.output import Output
from pknet.netns.path_mtu import PathMtu
from pknet.netns.peers import Peers
from pknet.netns.reassembly import Reassembly
from pknet.netns.redirected import Redirected
from pknet.netns.route import NoPath, Path, RouteType, Scope
from pknet.netns.routing import Routing
from pknet.netns.socket.icmp_error import IcmpError
from pknet.netns.socket.sockets import Sockets
from pknet.netns.socket.timing import SEND_COST
from pknet.netns.sysctl import Sysctls
from pknet.sim import Clock, Rng
from pknet.trace import Dropped, DropReason, Held, Hop, Trace, Verdict
from pknet.wire import icmp, ipv4
from pknet.wire.ethernet import ETH_P_ARP, ETH_P_IP, type_text
from pknet.wire.ipv4 import Ipv4
from pknet.wire.rewrite import rewrite


class Namespace(Device):
    """One stack, with ``lo`` up and 127.0.0.1/8 on it."""

    def __init__(
        self, name: str, clock: Clock, rng: Rng, trace: Trace, sysctls: Sysctls | None = None
    ) -> None:
        super().__init__(name, clock, rng, trace)
        self.sysctls = sysctls or Sysctls()
        self.fib = Fib()
        self.addresses = Addresses(self.fib)
        self.routing = Routing(self.fib, self.addresses, self.sysctls, self._loopback,
                               Detours(clock))  # fmt: skip
        self.hooks = Hooks()
        self.path_mtu = PathMtu(clock)
        self.icmp = IcmpLayer(
            self.routing, self.sysctls, Peers(clock),
            self.originate, self._associate,
        )  # fmt: skip
        self.neighbours = Neighbours(
            clock, self.sysctls, self._solicit, self._give_up, self._revisit
        )
        self.arp = ArpLayer(self.routing, self.neighbours, self.sysctls, self.send)
        self.output = Output(
            self.routing, self.hooks, self.neighbours, self.icmp, self.path_mtu,
            self._later, self._loop_back,
        )  # fmt: skip
        self.forward = Forward(self.hooks, self.output, self.icmp, self.sysctls, self._postpone)
        self.redirected = Redirected(self.routing, self.neighbours, self.sysctls, clock)
        self.reassembly = Reassembly(clock, self.sysctls, self._fragment_expired)
        self.sockets = Sockets(self)
        icmp_input = IcmpInput(
            clock, self.routing, self.sysctls, self.originate, self.sockets.icmp, self._heed
        )
        self.input = Input(
            self.routing, self.hooks, self.forward, self.icmp, self.reassembly,
            {ipv4.ICMP: icmp_input.receive, ipv4.TCP: self.sockets.deliver,
             ipv4.UDP: self.sockets.deliver},
        )  # fmt: skip
        self.firewall = Firewall(self)
        self.br_netfilter = BrNetfilter(
            self.hooks, self.routing, self.neighbours, self.output, self.sysctls
        )
        self._idents = self.stream("ip-id")
        self._ident = self._idents.randrange(1, 0x10000)
        self.attach(Loopback(self))
        self.addresses.add(self._loopback(), LOOPBACK_NET | 1, 8, Scope.HOST)

    # --- building

    def stream(self, name: str) -> Random:
        """A stream of chance of this node's own."""
        return self.rng.stream(f"{self.name}/{name}")

    def add_bridge(self, name: str, mac: bytes, mtu: int) -> Bridge:
        """``ip link add … type bridge``, up."""
        bridge = Bridge(self, name, mac, mtu)
        bridge.netfilter = self.br_netfilter
        self.attach(bridge)
        return bridge

    def add_interface(self, name: str, mac: bytes, mtu: int) -> Interface:
        """An end of a veth pair or of a cable, up."""
        return self.attach(Interface(self, name, mac, mtu))

    def _loopback(self) -> Interface:
        return self.interfaces["lo"]

    # --- what comes in

    def receive(self, skb: Skb) -> Verdict:
        """Linux: __netif_receive_skb_core."""
        if skb.protocol == ETH_P_IP:
            return self.input.receive(skb)
        if skb.protocol == ETH_P_ARP:
            return self.arp.receive(skb)
        return Dropped(DropReason.UNHANDLED_PROTO, type_text(skb.protocol))

    def _heed(self, skb: Skb) -> None:
        """Linux: icmp_socket_deliver."""
        error = IcmpError.of(skb.ip.src, skb.payload)
        if error is None:
            return
        if self.sockets.believes(error):
            self._learn(skb, error)
        self.sockets.icmp_error(error)

    def _learn(self, skb: Skb, error: IcmpError) -> None:
        """What an error says of the way; believed only about a packet of an open socket."""
        if error.too_big and error.header.protocol != ipv4.TCP:  # a connection learns for itself
            self.path_mtu.learn(error.header.dst, error.mtu)
        elif error.kind == icmp.REDIRECT and skb.dev is not None:
            self.redirected.hear(skb.dev, error.code, error.rest, error.sender, error.header.dst)

    # --- what goes out

    def originate(
        self, path: Path, protocol: int, src: int, dst: int, payload: bytes, *,
        ident: int | None, df: bool, ttl: int, tos: int, mark: int = 0,
    ) -> Skb:  # fmt: skip
        """Send a packet of our own by ``path``, at +0, under a new packet id."""
        word = ipv4.DF if df else 0
        number = self.next_ident() if ident is None else ident
        if path.type is RouteType.MULTICAST and protocol != ipv4.TCP:
            ttl = 1  # IP_MULTICAST_TTL, which nobody sets (Linux: __ip_make_skb)
        data = ipv4.build(protocol, src, dst, payload, ident=number, ttl=ttl, tos=tos,
                          fragment=word)  # fmt: skip
        skb = self.own_skb(data, path)
        skb.mark = mark
        room = self.path_mtu.of(path, forwarding=False, dst=dst)
        if protocol != ipv4.TCP and len(data) > room:
            skb.pieces = geometry(len(payload), room)  # a rule may yet send it another way
        self.launch(skb)
        return skb

    def send_raw(self, data: bytes) -> int | NoPath:
        """A packet as a raw socket takes it (IP_HDRINCL), at +0; returns its packet id.

        Linux: raw_send_hdrinc. Length and checksum are always rewritten, a zero id (unless
        DF is set) and a zero source filled in; with the source, TCP's and UDP's checksums are put
        right, as if the packet had been built with it. Raises ValueError("EMSGSIZE…"), ("EINVAL…").
        """
        header = Ipv4.parse(data)
        size = header.header_length
        if not ipv4.MIN_HEADER <= size <= len(data):
            raise ValueError("EINVAL: the header's length is wrong")
        path = self.routing.output(header.dst)
        if isinstance(path, NoPath):
            return path
        if len(data) > path.dev.mtu:
            raise ValueError(f"EMSGSIZE: {len(data)} bytes, {path.dev.name} has MTU {path.dev.mtu}")
        if not header.src:
            data = rewrite(data, src=path.source)
        # Nothing that is never cut needs an id (ip_select_ident_segs).
        ident = header.id or (0 if header.df else self.next_ident())
        header = header._replace(length=len(data), src=header.src or path.source, id=ident)
        packet = self.trace.new_packet()
        skb = self.own_skb(header.emit(data[20:size]) + data[size:], path)
        skb.paced = True
        self.clock.soon(self.walk, packet, skb, self.output.send)
        return packet

    def next_ident(self) -> int:
        """The kernel's own IP id counter; never 0."""
        self._ident = self._ident % 0xFFFF + 1
        return self._ident

    def _associate(self, answer: Skb, about: Skb) -> None:
        if self.firewall.conntrack is not None:
            self.firewall.conntrack.attach(answer, about)

    def launch(self, skb: Skb) -> None:
        """Send a packet of our own at +0, under a new packet id."""
        self.clock.soon(self.walk, self.trace.new_packet(), skb, self.output.send)

    def launch_by(self, port: Interface, skb: Skb) -> None:
        """Send it at +0 by ``port``, its Ethernet header written, past routes and hooks."""
        self.clock.soon(self.walk, self.trace.new_packet(), skb, port.transmit)

    def own_skb(self, data: bytes, path: Path) -> Skb:
        """A packet of our own, not yet on its way."""
        skb = Skb(_NOWHERE, None, b"", data)
        skb.protocol = ETH_P_IP
        skb.dst = path
        return skb

    # --- visits that do not begin at an interface

    def walk(self, packet: int, skb: Skb, way: Callable[[Skb], Verdict]) -> None:
        """A whole visit of ``skb`` on this node; a death that no tap saw is recorded."""
        skb.hop = self.open(packet)
        end(self, skb, way(skb))

    def _postpone(self, skb: Skb, way: Callable[[Skb], Verdict]) -> None:
        """``skb`` goes on by ``way`` in another visit, after what this one has asked for."""
        self.clock.soon(lambda: end(self, skb, way(self._reopened(skb))))

    def _revisit(self, entry: Neighbour, waiting: Waiting) -> None:
        """A packet that was held for its neighbour goes on."""
        skb = self._reopened(waiting.skb)
        end(self, skb, self.neighbours.output(entry, skb, waiting.send))

    def _give_up(self, waiting: Waiting, dropped: Dropped) -> None:
        """A packet that was held dies; its sender is told, if ARP failed (ipv4_link_failure)."""
        skb = self._reopened(waiting.skb)
        if dropped.reason is DropReason.NEIGH_FAILED:
            words = self.icmp.error(skb, icmp.DEST_UNREACH, icmp.HOST_UNREACH)
            dropped = Dropped(dropped.reason, f"{dropped.text}; {words}")
        end(self, skb, dropped)

    def _fragment_expired(self, skb: Skb, dropped: Dropped, answer: bool) -> None:
        skb = self._reopened(skb)
        if answer:
            words = self.icmp.error(skb, icmp.TIME_EXCEEDED, 1)
            dropped = Dropped(dropped.reason, f"{dropped.text}; {words}")
        end(self, skb, dropped)

    def _later(self, pieces: list[Skb], send: Callable[[list[Skb]], Verdict]) -> Verdict:
        """A process sends the next piece when the one before has been carried all the way."""

        def go_on() -> None:
            first = self._reopened(pieces[0])
            for other in pieces:
                other.hop = first.hop
            end(self, first, send(pieces))

        self.clock.after(SEND_COST, go_on)
        return Held("the rest waits until this piece has been carried as far as it goes")

    def _loop_back(self, skb: Skb, dev: Interface) -> None:
        """A broadcast of our own comes in by the device it leaves by, past its taps.

        Linux: dev_loopback_xmit.
        """
        skb.dev = dev
        skb.type = PacketType.BROADCAST
        skb.by_icmp = False
        skb.protocol = ETH_P_IP
        self.clock.after(BACKLOG, self.walk, skb.hop.packet, skb, self.input.receive)

    def _reopened(self, skb: Skb) -> Skb:
        """The same packet in a new visit; steps that no tap has told yet come along."""
        before = skb.hop
        skb.hop = self.open(before.packet)
        skb.by_icmp = False
        if not before.taps:
            skb.hop.steps, before.steps = before.steps, []
        return skb

    def _solicit(self, entry: Neighbour, skb: Skb | None, mac: bytes | None) -> None:
        self.arp.solicit(entry, skb, mac)


_NOWHERE = Hop("", 0, 0, lambda tap: None)  # an Skb that has not begun its walk
