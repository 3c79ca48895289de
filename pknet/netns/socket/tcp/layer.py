"""All TCP connections of a namespace (Linux: tcp_v4_rcv).

Law: a segment goes to its connection, else to a listener if it is a SYN, else it is answered
with a reset.

    deliver -> checksum -> connection -> taken | reset
                        -> listener   -> request, SYN-ACK
                        -> reset
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.skb import PacketType, Skb
from pknet.netns.ip_options import NOTHING
from pknet.netns.route import Path
from pknet.netns.socket.icmp_error import IcmpError
from pknet.netns.socket.network import Network
from pknet.netns.socket.ports import ephemeral
from pknet.netns.socket.steps import TcpStep
from pknet.netns.socket.tcp.connection import Connection, Machine
from pknet.netns.socket.tcp.control_block import ControlBlock
from pknet.netns.socket.tcp.discards import DISCARDS, answer_in_words, dropped
from pknet.netns.socket.tcp.fate import Fate
from pknet.netns.socket.tcp.offered import offered
from pknet.netns.socket.tcp.outlet import Key
from pknet.netns.socket.tcp.request import Request
from pknet.netns.socket.tcp.resets import Resets, to_one_host
from pknet.netns.socket.tcp.segment import Segment
from pknet.netns.socket.tcp.time_wait import TimeWait
from pknet.trace import Delivered, Dropped, DropReason, Verdict
from pknet.wire import ipv4
from pknet.wire.address import ip_text
from pknet.wire.checksum import checksum, pseudo_header
from pknet.wire.tcp import ACK, FIN, RST, SYN, flag_names

#: Hears of each connection whose handshake is done.
Accept = Callable[[Connection], None]


class TcpLayer:
    """Demultiplexes; makes and forgets connections."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.connections: dict[Key, Connection] = {}
        self._listeners: dict[int, Accept] = {}
        self._chance = network.stream("tcp")
        self._resets = Resets(network)

    # --- the user

    def listen(self, port: int, accept: Accept) -> None:
        """Call ``accept`` with each connection made to ``port``. Raises ValueError(EADDRINUSE)."""
        if port in self._listeners:
            raise ValueError("EADDRINUSE")
        self._listeners[port] = accept

    def connect(self, path: Path, dst: int, port: int, sport: int | None) -> Connection:
        """A connection whose SYN leaves now.

        Raises ValueError(EADDRINUSE or EADDRNOTAVAIL) where the ports are taken: a connection
        that lingers takes them, too.
        """
        chosen = sport or ephemeral(
            self.network.sysctls, self._chance,
            lambda candidate: (path.source, candidate, dst, port) in self.connections,
        )  # fmt: skip
        key = (path.source, chosen or 0, dst, port)
        if not chosen or key in self.connections:
            raise ValueError("EADDRNOTAVAIL")
        if chosen in self._listeners:
            raise ValueError("EADDRINUSE")
        block = ControlBlock(offered(self.network, path, dst), self._chance.getrandbits(32))
        block.connect(self.network.clock.now)
        connection = self._open(key, block)
        connection.start()
        return connection

    def _open(self, key: Key, machine: Machine) -> Connection:
        ident = self._chance.randrange(1, 0x10000)
        connection = Connection(self.network, key, machine, ident, self._resets.answer)
        connection.gone = self._forget
        self.connections[key] = connection
        return connection

    def _forget(self, connection: Connection) -> None:
        if self.connections.get(connection.key) is connection:
            del self.connections[connection.key]

    # --- the network

    def deliver(self, skb: Skb) -> Verdict:
        """A segment for this host."""
        header, data = skb.ip, skb.payload
        if skb.type is not PacketType.HOST:
            return Dropped(DropReason.NOT_FOR_HOST, "TCP has one peer (tcp_v4_rcv)")
        try:
            segment = Segment.parse(data, skb.cut)
        except ValueError as error:
            return Dropped(DropReason.PKT_TOO_SMALL, str(error))
        if checksum(pseudo_header(header.src, header.dst, ipv4.TCP, len(data)) + data):
            return Dropped(DropReason.TCP_CSUM)
        port, peer_port = int.from_bytes(data[2:4], "big"), int.from_bytes(data[:2], "big")
        key = (header.dst, port, header.src, peer_port)
        connection = self.connections.get(key)
        if connection is not None:
            return self._to_connection(connection, skb, segment)
        if port in self._listeners:
            if not to_one_host(skb):
                return Dropped(DropReason.NOT_FOR_HOST, "a SYN to a broadcast address")
            return self._useless(key, skb, segment) or self._to_listener(
                key, skb, segment, self._chance.getrandbits(32)
            )
        what = f"no socket for {flag_names(segment.flags)} to {_name(key)}"
        return Dropped(DropReason.NO_SOCKET, f"{what}; {self._resets.answer(skb)}")

    def _to_connection(self, connection: Connection, skb: Skb, segment: Segment) -> Verdict:
        before, machine = connection.machine.state, connection.machine
        treatment = connection.deliver(skb, segment)
        fate, state = treatment.fate, connection.machine.state
        name = _name(connection.key)
        if state is not before:
            skb.hop.step(TcpStep(name, before, state))
        if fate is Fate.REOPENS and connection.key[1] in self._listeners:
            assert isinstance(machine, TimeWait)
            self._forget(connection)
            return self._useless(connection.key, skb, segment) or self._to_listener(
                connection.key, skb, segment, machine.reopening_iss
            )
        answer = self._resets.answer(skb) if fate.resets else answer_in_words(treatment)
        if fate in DISCARDS:
            return dropped(DISCARDS[fate], f"{name} {before.value}", answer)
        if fate is Fate.REFUSED:
            return Delivered(f"{name} {before.value}; {answer}")
        return Delivered(f"{name} {state.value}")

    def _useless(self, key: Key, skb: Skb, segment: Segment) -> Dropped | None:
        """What a listener has no use for (Linux: tcp_rcv_state_process in TCP_LISTEN)."""
        text = f"{_name(key)} LISTEN has no use for {flag_names(segment.flags)}"
        if segment.has(ACK):
            return Dropped(DropReason.TCP_FLAGS, f"{text}; {self._resets.answer(skb)}")
        if segment.has(RST):
            return Dropped(DropReason.TCP_RESET, text)
        if segment.flags & (SYN | FIN) != SYN:
            return Dropped(DropReason.TCP_FLAGS, text)
        return None

    def _to_listener(self, key: Key, skb: Skb, segment: Segment, iss: int) -> Verdict:
        """A SYN (Linux: tcp_conn_request), dropped without a way back (inet_csk_route_req)."""
        name = f"{_name(key)} LISTEN"
        carried = self.network.options.echo(skb) or NOTHING
        to = carried.first or key[2]
        path = self.network.routing.output(to, key[0])
        if not isinstance(path, Path) or carried.forbids(path):
            text = f"{name} cannot answer: no way back to {ip_text(to)}"
            return Dropped(DropReason.NO_WAY_BACK, text)
        settings = offered(self.network, path, to, len(carried.data))
        request = Request(settings, iss, segment, self.network.clock.now)
        connection = self._open(key, request)
        connection.carry(carried)
        connection.opened = self._listeners[key[1]]
        connection.start()
        return Delivered(name)

    def error(self, error: IcmpError) -> None:
        """An ICMP error quotes a segment of ours (Linux: tcp_v4_err)."""
        connection = self._quoted(error)
        if connection is not None:
            connection.hear(error)

    def believes(self, error: IcmpError) -> bool:
        """Whether the segment it quotes is on its way, of a connection that is alive."""
        connection = self._quoted(error)
        return connection is not None and connection.believes(error)

    def _quoted(self, error: IcmpError) -> Connection | None:
        port, peer_port = error.ports
        connection = self.connections.get((error.header.src, port, error.header.dst, peer_port))
        alive = connection is not None and not isinstance(connection.machine, TimeWait)
        return connection if alive else None


def _name(key: Key) -> str:
    return f"tcp {ip_text(key[0])}:{key[1]}"
