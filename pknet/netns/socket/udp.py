"""UDP sockets (RFC 768; Linux: net/ipv4/udp.c).

Law: a datagram goes to the socket connected to its sender, else to the one bound to the port.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.skb import Skb
from pknet.netns.route import Path
from pknet.netns.socket.network import Network
from pknet.trace import Delivered, Dropped, DropReason, Verdict
from pknet.wire import icmp, ipv4, udp
from pknet.wire.address import ip_text
from pknet.wire.checksum import checksum, pseudo_header
from pknet.wire.ipv4 import Ipv4
from pknet.wire.udp import Udp

#: Payload, sender's address and port, and the address it was sent to.
Receive = Callable[[bytes, int, int, int], None]
#: Type and code of an ICMP error about something this socket sent, and who sent it.
Fail = Callable[[int, int], None]

Key = tuple[int, int, int]  # local port, the peer's address and port (0, 0: any)


class UdpSocket:
    """One socket; its IP ids are its own."""

    def __init__(self, network: Network, key: Key, receive: Receive, fail: Fail) -> None:
        self.network = network
        self.key = key
        self.receive = receive
        self.fail = fail
        self._ident = network.stream(f"udp/{key}").randrange(1, 0x10000)

    def send(
        self, path: Path, src: int, dst: int, dport: int, payload: bytes, *, ttl: int, df: bool
    ) -> None:
        """One datagram. One that is too large for the path goes without don't-fragment."""
        size = ipv4.MIN_HEADER + udp.HEADER_LENGTH + len(payload)
        mtu = self.network.path_mtu.of(path, forwarding=False, dst=dst)
        data = udp.build(src, dst, self.key[0], dport, payload)
        self._ident = self._ident % 0xFFFF + 1
        self.network.originate(path, ipv4.UDP, src, dst, data, ident=self._ident,
                               df=df and size <= mtu, ttl=ttl, tos=0)  # fmt: skip


class UdpLayer:
    """All UDP sockets of a namespace."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._sockets: dict[Key, UdpSocket] = {}

    def bind(self, key: Key, receive: Receive, fail: Fail) -> UdpSocket:
        """A new socket. Raises ValueError("EADDRINUSE")."""
        if key in self._sockets:
            raise ValueError("EADDRINUSE")
        socket = self._sockets[key] = UdpSocket(self.network, key, receive, fail)
        return socket

    def close(self, socket: UdpSocket) -> None:
        """Give its port back."""
        del self._sockets[socket.key]

    def free_port(self) -> int:
        """An ephemeral port. Raises ValueError("EADDRINUSE") where none is left."""
        low, high = sorted(self.network.sysctls.integers("net.ipv4.ip_local_port_range"))
        taken = {key[0] for key in self._sockets}
        start = self.network.stream(f"udp/ports/{len(taken)}").randint(low, high)
        for offset in range(high - low + 1):
            port = low + (start - low + offset) % (high - low + 1)
            if port not in taken:
                return port
        raise ValueError("EADDRINUSE")

    def deliver(self, skb: Skb) -> Verdict:
        """A datagram for this host (Linux: __udp4_lib_rcv)."""
        header, data = skb.ip, skb.payload
        if len(data) < udp.HEADER_LENGTH:
            return Dropped(DropReason.PKT_TOO_SMALL, "no whole UDP header")
        head = Udp.parse(data)
        if not udp.HEADER_LENGTH <= head.length <= len(data):
            return Dropped(DropReason.PKT_TOO_SMALL, f"UDP length {head.length} of {len(data)}")
        data = data[: head.length]
        if head.checksum and checksum(
            pseudo_header(header.src, header.dst, ipv4.UDP, len(data)) + data
        ):
            return Dropped(DropReason.UDP_CSUM)
        socket = self._sockets.get((head.dport, header.src, head.sport))
        socket = socket or self._sockets.get((head.dport, 0, 0))
        where = f"udp {ip_text(header.dst)}:{head.dport}"
        if socket is None:
            words = self.network.icmp.error(skb, icmp.DEST_UNREACH, icmp.PORT_UNREACH)
            return Dropped(DropReason.NO_SOCKET, f"no socket for {where}; {words}")
        payload = data[udp.HEADER_LENGTH :]
        self.network.clock.after(0, socket.receive, payload, header.src, head.sport, header.dst)
        return Delivered(where)

    def error(self, kind: int, code: int, header: Ipv4, inner: bytes) -> None:
        """An ICMP error quotes a datagram of ours (Linux: __udp4_lib_err)."""
        ports = inner[header.header_length :][:4]
        if len(ports) < 4:
            return
        sport, dport = int.from_bytes(ports[:2], "big"), int.from_bytes(ports[2:], "big")
        socket = self._sockets.get((sport, header.dst, dport))
        if socket is not None:
            self.network.clock.after(0, socket.fail, kind, code)
