"""A VXLAN device: Ethernet frames inside UDP datagrams (RFC 7348; Linux: drivers/net/vxlan).

Law: a frame goes to the node that the forwarding database names for its destination MAC, or
dies. What comes in is for the device of its port and VNI alone.

    emit        fdb -> each far end: route, path MTU, headers -> Tunnel._outer       vxlan_xmit
    decapsulate source, learn, congestion marks -> Tunnel._arrive                     vxlan_rcv
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pknet.link.skb import Skb
from pknet.netns.namespace import Namespace
from pknet.netns.route import Path, RouteType
from pknet.overlay.ecn import inner_packet, outer_tos
from pknet.overlay.flow_port import flow_of, source_port
from pknet.overlay.steps import DecapStep, EncapStep
from pknet.overlay.tunnel import Tunnel
from pknet.overlay.vxlan_fdb import Remote, VxlanEntry, VxlanFdb
from pknet.overlay.vxlan_port import open_port
from pknet.sim.clock import SECOND
from pknet.trace import Dropped, DropReason, Verdict, forked
from pknet.wire import ipv4, udp, vxlan
from pknet.wire.address import ip_text, mac_text
from pknet.wire.ethernet import ETH_P_IP, HEADER_LENGTH
from pknet.wire.frame import Frame

PORT = 8472  # Linux's default, older than IANA's 4789
AGEING = 300 * SECOND  # Linux: FDB_AGE_DEFAULT
#: Bytes that a frame gains up to the outer packet's end (Linux: vxlan_headroom).
HEADROOM = ipv4.MIN_HEADER + udp.HEADER_LENGTH + vxlan.HEADER_LENGTH + HEADER_LENGTH
LOCAL_PORTS = "net.ipv4.ip_local_port_range"

DontFragment = Literal["unset", "set", "inherit"]


@dataclass(frozen=True, slots=True)
class VxlanConfig:
    """As ``ip link add … type vxlan`` takes it (Linux: struct vxlan_config).

    ``ttl`` None: the inner packet's; 0: the node's default. ``tos`` None: the inner packet's.
    ``source_ports``: from, and up to; None: the node's local ports. ``ageing`` in nanoseconds.
    """

    vni: int
    local: int = 0
    port: int = PORT
    ttl: int | None = 0
    tos: int | None = 0
    df: DontFragment = "unset"
    udp_checksum: bool = True
    learning: bool = True
    ageing: int = AGEING
    source_ports: tuple[int, int] | None = None


class Vxlan(Tunnel):
    """``flannel.1``."""

    kind = "vxlan"

    def __init__(
        self, node: Namespace, name: str, mac: bytes, mtu: int, config: VxlanConfig
    ) -> None:
        super().__init__(node, name, mac, mtu)
        self.config = config
        self.fdb = VxlanFdb(node.clock, config.ageing)

    def open(self) -> None:
        """Listen for what comes in: a device that is up does (Linux: vxlan_open).

        Raises ValueError("EADDRINUSE") where a socket has the port, or a device port and VNI.
        """
        open_port(self.node.sockets.udp, self.config.port).add(self.config.vni, self.decapsulate)

    # --- out

    def emit(self, skb: Skb) -> Verdict:
        """To every far end of the frame's destination, the first last (Linux: vxlan_xmit)."""
        entry = self.fdb.find(skb.destination)
        if entry is None:
            text = f"{self.name} knows no node for {mac_text(skb.destination)}"
            return Dropped(DropReason.NO_TX_TARGET, text)
        if skb.protocol == ETH_P_IP and len(skb.network) < ipv4.MIN_HEADER:
            return Dropped(DropReason.PKT_TOO_SMALL, "no whole IP header to look at")
        first, *others = entry.remotes
        return forked([self._send(skb, entry, remote) for remote in (*others, first)])

    def _send(self, skb: Skb, entry: VxlanEntry, remote: Remote) -> Verdict:
        """Linux: vxlan_xmit_one."""
        sport = self._source_port(skb.frame)
        path = self._way(remote.address, self.config.local)
        if isinstance(path, Dropped):
            return path
        if path.type is RouteType.LOCAL:
            text = f"{ip_text(remote.address)}, the far end, is {self.node.name} itself"
            return Dropped(DropReason.NO_TX_TARGET, text)
        self._tell_path_mtu(skb, path, remote)
        src, dst = ip_text(path.source), ip_text(remote.address)
        outer = f"UDP {src}:{sport} > {dst}:{remote.port}, VNI {remote.vni}"
        skb.hop.step(EncapStep(self.name, outer, entry))
        payload = vxlan.build(remote.vni, skb.frame.wire)
        if self.config.udp_checksum:
            datagram = udp.build(path.source, remote.address, sport, remote.port, payload)
        else:
            datagram = udp.unsummed(sport, remote.port, payload)
        return self._outer(skb, path, remote.address, ipv4.UDP, datagram,
                           ttl=self._ttl(skb), tos=self._tos(skb), df=self._df(skb),
                           unsummed=self.config.udp_checksum)  # fmt: skip

    def _source_port(self, frame: Frame) -> int:
        range_ = self.config.source_ports
        low, high = range_ or sorted(self.node.sysctls.integers(LOCAL_PORTS))
        return source_port(self.node.stream(f"flow {flow_of(frame)}"), low, high)

    def _tell_path_mtu(self, skb: Skb, path: Path, remote: Remote) -> None:
        """The inner packet's route learns what fits (Linux: skb_tunnel_check_pmtu).

        It goes out all the same: the outer packet may be fragmented, unless it says otherwise.
        """
        paths = self.node.path_mtu
        fits = paths.of(path, remote.address) - HEADROOM
        inner = skb.dst
        if len(skb.network) <= fits or not isinstance(inner, Path):
            return
        if paths.of(inner, skb.ip.dst) > fits:
            paths.learn(skb.ip.dst, fits)

    def _ttl(self, skb: Skb) -> int:
        if self.config.ttl is not None:
            return self.config.ttl
        return skb.ip.ttl if skb.protocol == ETH_P_IP else 0

    def _tos(self, skb: Skb) -> int:
        inner = skb.ip.tos if skb.protocol == ETH_P_IP else 0
        return outer_tos(inner if self.config.tos is None else self.config.tos, inner)

    def _df(self, skb: Skb) -> bool:
        if self.config.df == "inherit":
            return skb.protocol == ETH_P_IP and skb.ip.df
        return self.config.df == "set"

    # --- in

    def decapsulate(self, skb: Skb, wire: bytes) -> Verdict:
        """``wire`` came in a datagram of this device's port and VNI (Linux: vxlan_rcv)."""
        if len(wire) < HEADER_LENGTH:
            return Dropped(DropReason.NOMEM, f"{len(wire)} bytes are no Ethernet frame")
        frame = Frame(wire)
        source = frame.ethernet.src
        if source == self.mac:
            return Dropped(DropReason.LOCAL_MAC, f"its source is {self.name}'s own MAC")
        if self.config.learning:
            heard = Remote(skb.ip.src, self.config.port, self.config.vni)
            reason = self.fdb.learn(source, heard)
            if reason is not None:
                return Dropped(reason, f"{mac_text(source)} from {ip_text(skb.ip.src)}")
        if frame.type == ETH_P_IP and len(frame.network) < ipv4.MIN_HEADER:
            return Dropped(DropReason.PKT_TOO_SMALL, "no whole IP header inside")
        network = inner_packet(skb.ip.tos, frame.type, frame.network)
        if network is None:
            return Dropped(DropReason.IP_TUNNEL_ECN)
        outer = f"UDP {ip_text(skb.ip.src)} > {ip_text(skb.ip.dst)}, VNI {self.config.vni}"
        skb.hop.step(DecapStep(self.name, outer))
        return self._arrive(skb, Frame(wire[:HEADER_LENGTH] + network))
