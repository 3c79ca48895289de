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
from pknet.link.segmentation import each_segment
from pknet.link.skb import PacketType, Skb
from pknet.netns import no_ipv6
from pknet.netns.address import LOOPBACK_NET, Addresses
from pknet.netns.arp import ArpLayer
from pknet.netns.br_netfilter import BrNetfilter
from pknet.netns.detour import Detours
from pknet.netns.endings import Endings
from pknet.netns.fib import Fib
from pknet.netns.firewall import Firewall
from pknet.netns.forward import Forward
from pknet.netns.hooks import Hooks
from pknet.netns.icmp import IcmpLayer
from pknet.netns.icmp_input import IcmpInput
from pknet.netns.input import Input
from pknet.netns.ip_options import IpOptions
from pknet.netns.neighbour import Neighbours
from pknet.netns.neighbour_entry import Neighbour, Waiting
from pknet.netns.output import Output
from pknet.netns.own_packets import OwnPackets
from pknet.netns.path_mtu import PathMtu
from pknet.netns.peers import Peers
from pknet.netns.reassembly import Reassembly
from pknet.netns.redirected import Redirected
from pknet.netns.route import Scope
from pknet.netns.routing import Routing
from pknet.netns.socket.icmp_error import IcmpError
from pknet.netns.socket.sockets import Sockets
from pknet.netns.sysctl import Sysctls
from pknet.netns.visits import Visits
from pknet.sim import Clock, Rng
from pknet.trace import Dropped, DropReason, Trace, Verdict
from pknet.wire import icmp, ipv4
from pknet.wire.ethernet import ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, type_text


class Namespace(Device):
    """One stack, with ``lo`` up and 127.0.0.1/8 on it."""

    def __init__(
        self, name: str, clock: Clock, rng: Rng, trace: Trace, sysctls: Sysctls | None = None
    ) -> None:
        super().__init__(name, clock, rng, trace)
        self._visits = Visits(self)
        self.sysctls = sysctls or Sysctls()
        self.fib = Fib()
        self.addresses = Addresses(self.fib)
        self.routing = Routing(self.fib, self.addresses, self.sysctls, self._loopback,
                               Detours(clock))  # fmt: skip
        self.hooks = Hooks()
        self.path_mtu = PathMtu(clock)
        ident = self.stream("ip-id").randrange(1, 0x10000)
        self.own = OwnPackets(self._visits, self.routing, self.path_mtu, self._leave, ident)
        self.options = IpOptions(self.routing, self.sysctls, clock)
        self.icmp = IcmpLayer(self.routing, self.sysctls, Peers(clock), self.own, self.options,
                              self._associate)  # fmt: skip
        self.options.problem = self.icmp.error
        ends = Endings(self._visits, self.icmp, self.options)
        self.neighbours = Neighbours(clock, self.sysctls, self._solicit, ends.give_up,
                                     self._revisit)  # fmt: skip
        self.arp = ArpLayer(self.routing, self.neighbours, self.sysctls, self.send)
        self.output = Output(
            self.routing, self.hooks, self.neighbours, self.icmp, self.path_mtu,
            self._visits.later, self._loop_back, self._segment,
        )  # fmt: skip
        self.forward = Forward(self.hooks, self.output, self.icmp, self.sysctls, self.options,
                               self._visits.postpone)  # fmt: skip
        self.redirected = Redirected(self.routing, self.neighbours, self.sysctls, clock)
        self.reassembly = Reassembly(clock, self.sysctls, ends.discard, ends.timed_out)
        self.sockets = Sockets(self)
        self.input = Input(
            self.routing, self.hooks, self.forward, self.icmp, self.reassembly, self.options,
            {ipv4.ICMP: IcmpInput(self.routing, self.sysctls, self.own, self.options,
                                  self.sockets.icmp, self._heed).receive,
             ipv4.TCP: self.sockets.deliver, ipv4.UDP: self.sockets.deliver},
        )  # fmt: skip
        self.firewall = Firewall(self)
        self.br_netfilter = BrNetfilter(
            self.hooks, self.routing, self.neighbours, self.output, self.sysctls
        )
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
        if skb.protocol == ETH_P_IPV6 and skb.dev is not None:
            return no_ipv6.dropped(skb, skb.dev)
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

    def _associate(self, answer: Skb, about: Skb) -> None:
        if self.firewall.conntrack is not None:
            self.firewall.conntrack.attach(answer, about)

    def _leave(self, skb: Skb) -> Verdict:
        return self.output.send(skb)

    # --- what waited

    def _revisit(self, entry: Neighbour, waiting: Waiting) -> None:
        """A packet that was held for its neighbour goes on."""
        self._visits.resume(
            waiting.skb, lambda skb: self.neighbours.output(entry, skb, waiting.send)
        )

    def _segment(self, skb: Skb, send: Callable[[Skb], Verdict]) -> Verdict:
        return each_segment(self, skb, send)

    def _loop_back(self, skb: Skb, dev: Interface) -> None:
        """A broadcast of our own comes in by the device it leaves by, past its taps.

        Linux: dev_loopback_xmit.
        """
        skb.dev = dev
        skb.type = PacketType.BROADCAST
        skb.by_icmp = False
        skb.protocol = ETH_P_IP
        self.clock.after(BACKLOG, self._visits.walk, skb.hop.packet, skb, self.input.receive)

    def _solicit(self, entry: Neighbour, skb: Skb | None, mac: bytes | None) -> None:
        self.arp.solicit(entry, skb, mac)
