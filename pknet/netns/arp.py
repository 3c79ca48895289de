"""ARP: asking, answering, learning (RFC 826; Linux: net/ipv4/arp.c).

Law: only an answer to this station makes a neighbour REACHABLE; a question makes its asker
STALE; what is overheard creates nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.interface import Interface
from pknet.link.skb import PacketType, Skb
from pknet.netns.address import is_loopback, is_multicast
from pknet.netns.neighbour import Neighbours
from pknet.netns.neighbour_entry import Neighbour, Nud
from pknet.netns.route import Path, RouteType, Scope
from pknet.netns.routing import Routing
from pknet.netns.sysctl import Sysctls
from pknet.sim.clock import SECOND
from pknet.trace import Delivered, Dropped, DropReason, Verdict
from pknet.wire import arp
from pknet.wire.address import BROADCAST_MAC, ZERO_MAC, ip_text, mac_text
from pknet.wire.arp import Arp
from pknet.wire.ethernet import ETH_P_ARP, Ethernet
from pknet.wire.frame import Frame

#: Sends a frame as a packet of its own, at +0.
SendFrame = Callable[[Interface, Frame], int]


class ArpLayer:
    """The ARP of one namespace."""

    def __init__(
        self, routing: Routing, neighbours: Neighbours, sysctls: Sysctls, send: SendFrame
    ) -> None:
        self.routing = routing
        self.neighbours = neighbours
        self.sysctls = sysctls
        self._send = send

    # --- asking

    def solicit(self, entry: Neighbour, skb: Skb | None, mac: bytes | None) -> None:
        """Ask for ``entry``'s MAC; ``mac`` is the one to confirm (Linux: arp_solicit)."""
        source = self._asking_as(entry, skb)
        if source:
            dev = entry.dev
            request = Arp(arp.REQUEST, dev.mac, source, mac or ZERO_MAC, entry.address)
            self._emit(dev, mac or BROADCAST_MAC, request)

    def _asking_as(self, entry: Neighbour, skb: Skb | None) -> int:
        """The sender address of a request (arp_announce 0, 1, 2)."""
        announce = self.sysctls.device_max(entry.dev.name, "arp_announce")
        addresses = self.routing.addresses
        source = skb.ip.src if skb is not None else 0
        usable = announce < 2 and addresses.is_local(source)
        if usable and announce == 1:
            usable = any(a.holds(entry.address) and a.holds(source) for a in addresses.all)
        return source if usable else addresses.select(entry.dev, entry.address)

    def _emit(self, dev: Interface, to: bytes, packet: Arp) -> None:
        self._send(dev, Frame(Ethernet(to, dev.mac, ETH_P_ARP).emit() + packet.emit()))

    # --- hearing

    def receive(self, skb: Skb) -> Verdict:
        """An ARP frame came in (Linux: arp_rcv, arp_process)."""
        dev = skb.dev
        assert dev is not None
        if skb.type is PacketType.OTHERHOST:
            return Dropped(DropReason.ARP_IGNORED, "the frame is for another station")
        if len(skb.network) < arp.LENGTH:
            text = f"{len(skb.network)} bytes are no ARP packet"
            return Dropped(DropReason.PKT_TOO_SMALL, text)
        packet = Arp.parse(skb.network)
        if packet is None or packet.operation not in (arp.REQUEST, arp.REPLY):
            return Dropped(DropReason.ARP_IGNORED, "no ARP request or reply for IPv4")
        if is_multicast(packet.target_ip) or self._forbidden_loopback(packet, dev):
            return Dropped(DropReason.ARP_IGNORED, f"about {ip_text(packet.target_ip)}")
        why = f"{ip_text(packet.target_ip)} is not ours"
        if packet.operation == arp.REQUEST:
            answer = self._request(packet, dev)
            if not isinstance(answer, str):
                return answer
            why = answer
        return self._learn(packet, skb, dev) or Dropped(DropReason.ARP_IGNORED, why)

    def _forbidden_loopback(self, packet: Arp, dev: Interface) -> bool:
        localnet = self.sysctls.device(dev.name, "route_localnet")
        return is_loopback(packet.target_ip) and not localnet

    def _request(self, packet: Arp, dev: Interface) -> Verdict | str:
        """Answer for an address of ours, or as proxy; else why not.

        Its sender may be learned of even where no packet of its could come in (Linux: arp_process
        goes on where ip_route_input_noref fails).
        """
        if packet.sender_ip == 0:
            return self._probe(packet, dev)
        path = self.routing.input(packet.target_ip, packet.sender_ip, dev)
        if isinstance(path, Dropped):
            return path.text
        if isinstance(path, Path):
            if path.type is RouteType.LOCAL:
                if self._ignores(packet, dev):
                    return Dropped(DropReason.ARP_IGNORED, "arp_ignore, or arp_filter")
                return self._answer(packet, dev)
            if self._proxies(path, dev):
                return self._answer(packet, dev)
        return f"{ip_text(packet.target_ip)} is not ours"

    def _probe(self, packet: Arp, dev: Interface) -> Verdict:
        """Duplicate address detection (RFC 5227): answered, and nobody is learned of."""
        if self.routing.address_type(packet.target_ip) is not RouteType.LOCAL:
            return Dropped(DropReason.ARP_IGNORED, "a probe for another's address")
        if self._ignore_level(packet, dev):
            return Dropped(DropReason.ARP_IGNORED, "arp_ignore")
        self._reply(packet, dev)
        return self._delivered(packet)

    def _answer(self, packet: Arp, dev: Interface) -> Verdict:
        """Learn the asker, then reply (Linux: neigh_event_ns, arp_send_dst)."""
        entry = self.neighbours.create(packet.sender_ip, dev)
        self.neighbours.update(entry, packet.sender_mac, Nud.STALE, override=True)
        self._reply(packet, dev)
        return self._delivered(packet)

    def _reply(self, packet: Arp, dev: Interface) -> None:
        reply = Arp(arp.REPLY, dev.mac, packet.target_ip, packet.sender_mac, packet.sender_ip)
        self._emit(dev, packet.sender_mac, reply)

    def _delivered(self, packet: Arp) -> Verdict:
        return Delivered(f"ARP: {ip_text(packet.sender_ip)} is told of {ip_text(packet.target_ip)}")

    def _proxies(self, path: Path, dev: Interface) -> bool:
        """Linux: arp_fwd_proxy."""
        return (
            path.type is RouteType.UNICAST
            and path.dev is not dev
            and self.routing.forwards(dev)
            and self.sysctls.device(dev.name, "proxy_arp")
        )

    def _ignores(self, packet: Arp, dev: Interface) -> bool:
        """arp_ignore and arp_filter (Linux: arp_ignore, arp_filter)."""
        if self.sysctls.device(dev.name, "arp_filter"):
            back = self.routing.output(packet.sender_ip, packet.target_ip)
            if not isinstance(back, Path) or back.dev is not dev:
                return True
        return self._ignore_level(packet, dev)

    def _ignore_level(self, packet: Arp, dev: Interface) -> bool:
        level = self.sysctls.device_max(dev.name, "arp_ignore")
        mine = [a for a in self.routing.addresses.of(dev) if a.address == packet.target_ip]
        if level == 1:
            return not mine
        if level == 2:
            return not any(a.holds(packet.sender_ip) for a in mine)
        if level == 3:
            return not any(
                a.address == packet.target_ip and a.scope is not Scope.HOST
                for a in self.routing.addresses.all
            )
        return level == 8

    def _learn(self, packet: Arp, skb: Skb, dev: Interface) -> Verdict | None:
        """Bring the sender's entry up to date, where there is one; None: there is none."""
        entry = self.neighbours.lookup(packet.sender_ip, dev)
        accepts = self.sysctls.device(dev.name, "arp_accept")
        gratuitous = packet.sender_ip == packet.target_ip
        if entry is None and accepts and gratuitous:
            entry = self.neighbours.create(packet.sender_ip, dev)
        if entry is None:
            return None
        to_us = packet.operation == arp.REPLY and skb.type is PacketType.HOST
        self.neighbours.update(
            entry,
            packet.sender_mac,
            Nud.REACHABLE if to_us else Nud.STALE,
            override=gratuitous or self._unlocked(entry),
        )
        return Delivered(f"ARP: {ip_text(packet.sender_ip)} is at {mac_text(packet.sender_mac)}")

    def _unlocked(self, entry: Neighbour) -> bool:
        """The first of several answers counts (locktime, in hundredths of a second)."""
        return self.neighbours.clock.now > self.locked_until(entry)

    def locked_until(self, entry: Neighbour) -> int:
        """Up to when another answer does not count."""
        locktime = self.sysctls.neigh(entry.dev.name, "locktime") * SECOND // 100
        return entry.updated + locktime
