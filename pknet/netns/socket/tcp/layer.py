"""All TCP connections of a namespace (Linux: tcp_v4_rcv).

Law: a segment goes to its connection, else to a listener if it is a SYN, else it is answered
with a reset.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.skb import Skb
from pknet.netns.reset import reset_for
from pknet.netns.route import Path
from pknet.netns.socket.network import Network
from pknet.netns.socket.tcp.block import Block
from pknet.netns.socket.tcp.connection import TTL, Connection, Key
from pknet.netns.socket.tcp.segment import Segment
from pknet.trace import Delivered, Dropped, DropReason, Verdict
from pknet.wire import icmp, ipv4
from pknet.wire.address import ip_text
from pknet.wire.checksum import checksum, pseudo_header
from pknet.wire.ipv4 import Ipv4
from pknet.wire.tcp import ACK, RST, SYN, flag_names

HEADERS = 40  # bytes of IP and TCP header without options
#: What an ICMP error makes of a connection that is not yet there (Linux: icmp_err_convert).
HARD = {
    (icmp.DEST_UNREACH, icmp.NET_UNREACH): "ENETUNREACH",
    (icmp.DEST_UNREACH, icmp.HOST_UNREACH): "EHOSTUNREACH",
    (icmp.DEST_UNREACH, icmp.PROT_UNREACH): "ENOPROTOOPT",
    (icmp.DEST_UNREACH, icmp.PORT_UNREACH): "ECONNREFUSED",
    (icmp.DEST_UNREACH, icmp.NET_PROHIBITED): "ENETUNREACH",
    (icmp.DEST_UNREACH, icmp.HOST_PROHIBITED): "EHOSTUNREACH",
    (icmp.DEST_UNREACH, icmp.ADMIN_PROHIBITED): "EHOSTUNREACH",
}

Accept = Callable[[Connection], None]


class TcpLayer:
    """Demultiplexes; makes and forgets connections."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.connections: dict[Key, Connection] = {}
        self._listeners: dict[int, Accept] = {}
        self._chance = network.stream("tcp")

    def listen(self, port: int, accept: Accept) -> None:
        """Call ``accept`` with each connection that is made to ``port``."""
        self._listeners[port] = accept

    def open(self, key: Key, path: Path) -> Connection:
        """A connection that is not under way yet. Raises ValueError("EADDRINUSE")."""
        if key in self.connections:
            raise ValueError("EADDRINUSE")
        mtu = self.network.path_mtu.of(path, forwarding=False, dst=key[2])
        block = Block(self._chance.getrandbits(32), mtu - HEADERS)
        ident = self._chance.randrange(1, 0x10000)
        connection = Connection(self.network, key, block, ident, self._forget)
        self.connections[key] = connection
        return connection

    def free_port(self, address: int, peer: int, peer_port: int) -> int | None:
        """An ephemeral port that no connection to that peer uses."""
        low, high = sorted(self.network.sysctls.integers("net.ipv4.ip_local_port_range"))
        start = self._chance.randint(low, high)
        for offset in range(high - low + 1):
            port = low + (start - low + offset) % (high - low + 1)
            if (address, port, peer, peer_port) not in self.connections:
                return port
        return None

    def _forget(self, key: Key) -> None:
        self.connections.pop(key, None)

    def deliver(self, skb: Skb) -> Verdict:
        """A segment for this host."""
        header, data = skb.ip, skb.payload
        if checksum(pseudo_header(header.src, header.dst, ipv4.TCP, len(data)) + data):
            return Dropped(DropReason.TCP_CSUM)
        try:
            segment = Segment.parse(data)
        except ValueError as error:
            return Dropped(DropReason.PKT_TOO_SMALL, str(error))
        port, peer_port = int.from_bytes(data[2:4], "big"), int.from_bytes(data[:2], "big")
        key = (header.dst, port, header.src, peer_port)
        connection = self.connections.get(key)
        if connection is not None:
            connection.deliver(segment)
            state = connection.block.state.value
            return Delivered(f"tcp {ip_text(header.dst)}:{port} {state}")
        if port in self._listeners and segment.flags & (SYN | ACK | RST) == SYN:
            return self._accept(key, segment)
        return self._refuse(skb, key, segment)

    def _accept(self, key: Key, segment: Segment) -> Verdict:
        path = self.network.routing.output(key[2], key[0])
        if not isinstance(path, Path):
            text = f"no way back to {ip_text(key[2])}"
            return Dropped(DropReason.IP_OUTNOROUTES, text)
        connection = self.open(key, path)
        self._listeners[key[1]](connection)
        connection.accept(segment)
        return Delivered(f"tcp {ip_text(key[0])}:{key[1]} LISTEN")

    def _refuse(self, skb: Skb, key: Key, segment: Segment) -> Verdict:
        """RFC 9293, section 3.5.2 (Linux: tcp_v4_send_reset)."""
        what = f"{flag_names(segment.flags)} to tcp {ip_text(key[0])}:{key[1]}"
        answer = reset_for(skb.network, self.network.sysctls.integer(TTL))
        path = self.network.routing.output(key[2], key[0])
        if answer is None or not isinstance(path, Path):
            return Dropped(DropReason.NO_SOCKET, f"no socket for {what}")
        size = Ipv4.parse(answer).header_length
        self.network.originate(
            path, ipv4.TCP, key[0], key[2], answer[size:], ident=0, df=True,
            ttl=self.network.sysctls.integer(TTL), tos=0,
        )  # fmt: skip
        return Dropped(DropReason.NO_SOCKET, f"no socket for {what}; a RST goes back")

    def error(self, kind: int, code: int, rest: int, header: Ipv4, inner: bytes) -> None:
        """An ICMP error quotes a segment of ours (Linux: tcp_v4_err)."""
        ports = inner[header.header_length :][:4]
        if len(ports) < 4:
            return
        key = (header.src, int.from_bytes(ports[:2], "big"), header.dst,
               int.from_bytes(ports[2:], "big"))  # fmt: skip
        connection = self.connections.get(key)
        if connection is None:
            return
        if (kind, code) == (icmp.DEST_UNREACH, icmp.FRAG_NEEDED):
            connection.shrink(rest & 0xFFFF)
        elif not connection.block.connected and (kind, code) in HARD:
            connection.fail(HARD[kind, code])
