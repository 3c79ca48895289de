"""UDP sockets (RFC 768; Linux: net/ipv4/udp.c).

Law: a port belongs to one socket. A connected one takes datagrams from its peer alone; what it
does not take is refused as if nobody had the port.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from pknet.link.skb import Skb
from pknet.netns.route import Path
from pknet.netns.socket.icmp_error import IcmpError
from pknet.netns.socket.network import Network
from pknet.netns.socket.ports import ephemeral
from pknet.netns.socket.timing import WAKE_UP
from pknet.trace import Delivered, Dropped, DropReason, Verdict
from pknet.wire import icmp, ipv4, udp
from pknet.wire.address import ip_text
from pknet.wire.checksum import checksum, pseudo_header
from pknet.wire.udp import Udp

TTL = "net.ipv4.ip_default_ttl"

#: An address and a port.
Peer = tuple[int, int]


class Datagram(NamedTuple):
    """What came, and from whom."""

    payload: bytes
    src: int
    sport: int


class UdpTunnel(Protocol):
    """Takes in the datagrams of a port inside the kernel (Linux: udp_sk(sk)->encap_rcv)."""

    def deliver(self, skb: Skb, data: bytes) -> Verdict:
        """``skb`` holds the datagram whose payload is ``data``."""

    def believes(self, data: bytes) -> bool:
        """Whether a datagram of ``data`` may be its own (Linux: encap_err_lookup)."""


class UdpSocket:
    """Bound to ``port``, and with ``peer`` connected to it. Its user hears of what comes."""

    def __init__(
        self, network: Network, port: int, peer: Peer | None, ident: int,
        receive: Callable[[UdpSocket, Datagram], None],
    ) -> None:  # fmt: skip
        self.network = network
        self.port = port
        self.peer = peer
        self.receive = receive
        self.fail: Callable[[IcmpError], None] = lambda error: None
        self.refused: Callable[[str], None] = lambda errno: None  # of what was not sent
        self.open = True
        self._ident = ident

    def send(
        self, path: Path, dst: int, dport: int, payload: bytes, *, ttl: int | None, df: bool
    ) -> None:
        """One datagram; ``ttl`` None is the namespace's own.

        One that is too large for the path goes without don't-fragment, even where ``df`` asks
        for it, and so does all on a way of which less is known than can be (Linux:
        IP_PMTUDISC_WANT, __ip_make_skb, ip_dont_fragment).
        """
        network = self.network
        size = ipv4.MIN_HEADER + udp.HEADER_LENGTH + len(payload)
        whole = size <= network.path_mtu.of(path, dst) and not network.path_mtu.locked(dst)
        sent = network.own.originate(
            path, ipv4.UDP, path.source, dst,
            udp.build(path.source, dst, self.port, dport, payload), ident=self._next_ident(),
            df=df and whole, ttl=ttl or network.sysctls.integer(TTL), tos=0,
        )  # fmt: skip
        sent.paced = True
        sent.refused = self._refuse
        sent.unsummed = path.dev.kind == "loopback"

    def _refuse(self, errno: str) -> None:
        if self.open:
            self.refused(errno)

    def _next_ident(self) -> int | None:
        """A connected socket counts for itself (Linux: ip_select_ident_segs)."""
        if self.peer is None:
            return None
        self._ident = self._ident % 0xFFFF + 1
        return self._ident

    def accepts(self, src: int, sport: int) -> bool:
        """Whether a datagram from there is for this socket."""
        return self.peer is None or self.peer == (src, sport)


class UdpLayer:
    """All UDP sockets of a namespace."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._sockets: dict[int, UdpSocket] = {}
        self._tunnels: dict[int, UdpTunnel] = {}
        self._chance = network.stream("udp")

    def bind(
        self, port: int | None, peer: Peer | None, receive: Callable[[UdpSocket, Datagram], None]
    ) -> UdpSocket:
        """A new socket; ``port`` None: any. Raises ValueError("EADDRINUSE")."""
        chosen = port or ephemeral(self.network.sysctls, self._chance, self._taken)
        if not chosen or self._taken(chosen):
            raise ValueError("EADDRINUSE")
        ident = self._chance.randrange(1, 0x10000)
        socket = self._sockets[chosen] = UdpSocket(self.network, chosen, peer, ident, receive)
        return socket

    def _taken(self, port: int) -> bool:
        return port in self._sockets or port in self._tunnels

    def tunnel(self, port: int) -> UdpTunnel | None:
        """What takes in the datagrams of ``port`` inside the kernel, if anything does."""
        return self._tunnels.get(port)

    def add_tunnel(self, port: int, tunnel: UdpTunnel) -> None:
        """Hand ``tunnel`` what comes to ``port``. Raises ValueError("EADDRINUSE")."""
        if self._taken(port):
            raise ValueError("EADDRINUSE")
        self._tunnels[port] = tunnel

    def close(self, socket: UdpSocket) -> None:
        """Give its port back; its user hears no more."""
        socket.open = False
        del self._sockets[socket.port]

    # --- the network

    def deliver(self, skb: Skb) -> Verdict:
        """A datagram for this host (Linux: __udp4_lib_rcv)."""
        header, data = skb.ip, skb.payload
        if len(data) < udp.HEADER_LENGTH:
            return Dropped(DropReason.PKT_TOO_SMALL, "no whole UDP header")
        head = Udp.parse(data)
        if not udp.HEADER_LENGTH <= head.length <= len(data):
            return Dropped(DropReason.PKT_TOO_SMALL, f"UDP length {head.length} of {len(data)}")
        data = data[: head.length]
        pseudo = pseudo_header(header.src, header.dst, ipv4.UDP, len(data))
        if head.checksum and checksum(pseudo + data):
            return Dropped(DropReason.UDP_CSUM)
        tunnel = self._tunnels.get(head.dport)
        if tunnel is not None:
            return tunnel.deliver(skb, data[udp.HEADER_LENGTH :])
        socket = self._sockets.get(head.dport)
        where = f"udp {ip_text(header.dst)}:{head.dport}"
        if socket is None or not socket.accepts(header.src, head.sport):
            words = self.network.icmp.error(skb, icmp.DEST_UNREACH, icmp.PORT_UNREACH)
            return Dropped(DropReason.NO_SOCKET, f"no socket for {where}; {words}")
        datagram = Datagram(data[udp.HEADER_LENGTH :], header.src, head.sport)
        self.network.clock.after(WAKE_UP, self._wake, socket, datagram)
        return Delivered(where)

    def _wake(self, socket: UdpSocket, datagram: Datagram) -> None:
        if socket.open:
            socket.receive(socket, datagram)

    def error(self, error: IcmpError) -> bool:
        """An ICMP error quotes a datagram of a socket here, or not (Linux: __udp4_lib_err)."""
        port, peer_port = error.ports
        socket = self._sockets.get(port)
        if socket is None or not socket.accepts(error.header.dst, peer_port):
            return False
        if socket.peer is not None:  # others hear of no errors without IP_RECVERR
            self.network.clock.after(WAKE_UP, self._tell, socket, error)
        return True

    def believes(self, error: IcmpError) -> bool:
        """Whether the datagram it quotes is of a socket that is open."""
        port, peer_port = error.ports
        socket = self._sockets.get(port)
        if socket is not None:
            return socket.peer in (None, (error.header.dst, peer_port))
        tunnel = self._tunnels.get(peer_port)  # what a tunnel sends has any port as its source
        return tunnel is not None and tunnel.believes(error.quoted[udp.HEADER_LENGTH :])

    def _tell(self, socket: UdpSocket, error: IcmpError) -> None:
        if socket.open:
            socket.fail(error)
