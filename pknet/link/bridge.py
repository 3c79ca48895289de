"""A learning bridge (IEEE 802.1D; Linux: net/bridge).

Law: the bridge device is an interface of the host like any other; its ports are interfaces
that have it as master. A frame that iptables may see passes the three calls of BridgeNetfilter.

    port in -> forward                     br_handle_frame
                 netfilter.prerouting      -> resume = handle_finish
                   learn                   br_handle_frame_finish
                   to us | known port | flood (newest port first, then the host)
    to us   -> pass_up -> tap br0 "in" -> owner.receive
    to port -> netfilter.forward -> netfilter.postrouting -> port.transmit
    host    -> transmit -> tap br0 "out" -> known port | flood     br_dev_xmit
"""

from __future__ import annotations

from functools import partial

from pknet.link.bridge_netfilter import BridgeNetfilter, Resume
from pknet.link.fdb import Fdb
from pknet.link.interface import DEFAULT_MTU, Interface
from pknet.link.loop import LoopGuard
from pknet.link.owner import Owner
from pknet.link.skb import PacketType, Skb
from pknet.link.veth import VLAN_TAG
from pknet.trace import Dropped, DropReason, Step, Verdict, forked
from pknet.wire.address import ZERO_MAC, is_multicast_mac, mac_text

LINK_LOCAL = b"\x01\x80\xc2\x00\x00"  # and a last byte below 16
STP_GROUP, PAUSE_GROUP = 0, 1


class BridgeStep(Step):
    """What the bridge decided."""

    __slots__ = ("bridge", "what")
    detail = True

    def __init__(self, bridge: str, what: str) -> None:
        self.bridge = bridge
        self.what = what

    def __str__(self) -> str:
        return f"BRIDGE {self.bridge}: {self.what}"


class Bridge(Interface):
    """``br0``: the device, its ports, and its forwarding database."""

    kind = "bridge"

    def __init__(self, owner: Owner, name: str, mac: bytes, mtu: int = DEFAULT_MTU) -> None:
        super().__init__(owner, name, mac, mtu)
        self.ports: list[Interface] = []  # newest first, as in the kernel's list
        self.fdb = Fdb(owner.clock, self._is_local)
        self.netfilter: BridgeNetfilter | None = None
        self._guard = LoopGuard(owner.name, name)

    def add_port(self, port: Interface) -> None:
        """Make ``port`` a member (Linux: br_add_if)."""
        port.master = self
        self.ports.insert(0, port)

    @property
    def running(self) -> bool:
        """Up, and so is a port (Linux: br_port_state_selection)."""
        return self.up and any(port.running for port in self.ports)

    # --- from a port

    def forward(self, port: Interface, skb: Skb) -> Verdict:
        """A frame came in by ``port`` (Linux: br_handle_frame)."""
        if is_multicast_mac(skb.source) or skb.source == ZERO_MAC:
            return Dropped(DropReason.MAC_INVALID_SOURCE, f"{mac_text(skb.source)} is no station")
        if skb.destination[:5] == LINK_LOCAL and skb.destination[5] < 16:
            ended = self._link_local(port, skb)
            if ended is not None:
                return ended
        if not self.up:
            return Dropped(DropReason.BRIDGE_INGRESS_STP_STATE, f"{self.name} is down")
        if skb.destination == self.mac:
            skb.type = PacketType.HOST
        if self.netfilter is None:
            return self.handle_finish(port, skb)
        return self.netfilter.prerouting(self, port, skb, lambda s: self.handle_finish(port, s))

    def _link_local(self, port: Interface, skb: Skb) -> Verdict | None:
        """Groups that no bridge forwards (IEEE 802.1D-2004, table 7-10); None: forward it.

        STP is off, and its group passes; a pause frame ends; the rest is for the port itself.
        """
        group = skb.destination[5]
        if group == STP_GROUP:
            return None
        if group == PAUSE_GROUP:
            return Dropped(DropReason.MAC_IEEE_MAC_CONTROL)
        self.fdb.learn(skb.source, port)
        skb.hop.step(BridgeStep(self.name, f"{mac_text(skb.destination)} is not forwarded"))
        return self.owner.receive(skb)

    def handle_finish(self, port: Interface, skb: Skb) -> Verdict:
        """Learn, then decide (Linux: br_handle_frame_finish)."""
        self.fdb.learn(skb.source, port)
        destination = skb.destination
        if is_multicast_mac(destination):
            skb.hop.step(BridgeStep(self.name, f"flood {mac_text(destination)}"))
            return self._flood(skb, port, self.pass_up)
        if self._is_local(destination):
            skb.hop.step(BridgeStep(self.name, f"{mac_text(destination)} is this host"))
            return self.pass_up(skb)
        entry = self.fdb.lookup(destination)
        if entry is None:
            skb.hop.step(BridgeStep(self.name, f"{mac_text(destination)} is unknown: flood"))
            return self._flood(skb, port)
        skb.hop.step(BridgeStep(self.name, f"{mac_text(destination)} is behind {entry.port.name}"))
        return self._forward_to(entry.port, port, skb)

    def pass_up(self, skb: Skb) -> Verdict:
        """To the host's own network layer, by the bridge device (Linux: br_pass_frame_up)."""
        skb.dev = self
        self.tap(skb, "in")
        return self.run_hooks(skb, "in") or self.owner.receive(skb)

    def _forward_to(self, to: Interface, port: Interface, skb: Skb) -> Verdict:
        if not self._may_leave(to, port):
            return Dropped(DropReason.BRIDGE_SAME_PORT, self._hairpin_text(to, skb))
        if self.netfilter is None:
            return self._push(to, skb)
        return self.netfilter.forward(self, to, skb, lambda s: self._postroute(to, s))

    def _hairpin_text(self, to: Interface, skb: Skb) -> str:
        if skb.source == skb.destination:
            return f"addressed to its own sender, by {to.name}"
        return f"it came in by {to.name}, which is no hairpin port"

    def _postroute(self, to: Interface, skb: Skb) -> Verdict:
        if self.netfilter is None:
            return self._push(to, skb)
        return self.netfilter.postrouting(self, to, skb, lambda s: self._push(to, s))

    def _push(self, to: Interface, skb: Skb) -> Verdict:
        """Out of the port (Linux: br_dev_queue_push_xmit)."""
        if len(skb.network) > to.mtu + VLAN_TAG:
            return Dropped(DropReason.LINK_TOO_BIG, f"larger than port {to.name} takes")
        return to.transmit(skb)

    def _may_leave(self, to: Interface, port: Interface | None) -> bool:
        """Linux: should_deliver."""
        return to.running and (to is not port or to.hairpin)

    def _flood(self, skb: Skb, port: Interface, *others: Resume) -> Verdict:
        """To every port but its own, newest first, then to ``others`` (Linux: br_flood).

        Only the last gets the packet itself. A copy shares its fragments with that, and so leaves
        in pieces of its own (Linux: skb_cloned in ip_do_fragment).
        """
        self._guard.note(skb.hop.packet, skb.frame, port.name)
        ports = (to for to in self.ports if self._may_leave(to, port))
        takers: list[Resume] = [*(partial(self._forward_to, to, port) for to in ports), *others]
        if not takers:
            return Dropped(DropReason.NO_TX_TARGET, f"{self.name} has no other port to flood it to")
        verdicts = []
        for take in takers[:-1]:
            copy = skb.clone()
            copy.pieces = ()
            verdicts.append(take(copy))
        return forked([*verdicts, takers[-1](skb)])

    # --- from the host

    def emit(self, skb: Skb) -> Verdict:
        """The host sends by the bridge device (Linux: br_dev_xmit)."""
        if self.netfilter is not None and skb.bridge is not None:
            port = self.netfilter.slow_path(self, skb)
            if port is not None:
                return self.handle_finish(port, skb)
        entry = None if is_multicast_mac(skb.destination) else self.fdb.lookup(skb.destination)
        targets = self.ports if entry is None else [entry.port]
        ready = [port for port in targets if self._may_leave(port, None)]
        if not ready:
            return Dropped(DropReason.NO_TX_TARGET, f"{self.name} has no port that is up")
        return forked([self._postroute(port, skb.clone()) for port in ready])

    def _is_local(self, mac: bytes) -> bool:
        return mac == self.mac or any(mac == port.mac for port in self.ports)
