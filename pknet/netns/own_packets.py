"""What a node itself sends, at +0 and under new packet ids.

Law: it is a packet of this node's own (no ingress) until a hook or the way out says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.interface import Interface
from pknet.link.skb import Skb
from pknet.netns import raw_packet
from pknet.netns.fragment import geometry
from pknet.netns.path_mtu import PathMtu
from pknet.netns.route import NoPath, Path, RouteType
from pknet.netns.routing import Routing
from pknet.netns.visits import Visits, Way
from pknet.trace import Hop
from pknet.wire import ipv4
from pknet.wire.ethernet import ETH_P_IP
from pknet.wire.ip_options import Options

_NOWHERE = Hop("", 0, 0, lambda tap: None)  # of an Skb that has not begun its walk


class OwnPackets:
    """They leave by ``send``. ``ident``: the kernel's counter of IP ids, to begin with."""

    def __init__(
        self, visits: Visits, routing: Routing, path_mtu: PathMtu, send: Way, ident: int
    ) -> None:
        self._visits = visits
        self._routing = routing
        self._path_mtu = path_mtu
        self._send = send
        self._ident = ident

    def originate(
        self, path: Path, protocol: int, src: int, dst: int, payload: bytes, *,
        ident: int | None, df: bool, ttl: int, tos: int, mark: int = 0,
        carried: tuple[bytes, Options | None] = (b"", None),
    ) -> Skb:  # fmt: skip
        """Send a packet by ``path``; ``ident`` None takes the kernel's own counter.

        ``carried``: its IP options, and what is known of them.

        Returns the packet, not yet on its way.
        """
        word = ipv4.DF if df else 0
        number = self.next_ident() if ident is None else ident
        if path.type is RouteType.MULTICAST and protocol != ipv4.TCP:
            ttl = 1  # IP_MULTICAST_TTL, which nobody sets (Linux: __ip_make_skb)
        options, known = carried
        data = ipv4.build(protocol, src, dst, payload, ident=number, ttl=ttl, tos=tos,
                          fragment=word, options=options)  # fmt: skip
        skb = self.skb(data, path)
        skb.options = known
        skb.mark = mark
        room = self._path_mtu.of(path, dst)
        if protocol != ipv4.TCP and len(data) > room:  # a rule may yet send it another way
            skb.pieces = geometry(len(payload), room, ipv4.MIN_HEADER + len(options))
        self.launch(skb)
        return skb

    def raw(self, data: bytes, refused: Callable[[str], object] | None = None) -> int | NoPath:
        """Send a packet as a raw socket takes it (IP_HDRINCL); returns its packet id.

        ``refused`` hears the errno, where this node drops it before it has left. Raises
        ValueError("EMSGSIZE…") or ("EINVAL…"), and for another version of IP than 4.
        """
        header = raw_packet.header_of(data)
        path = self._routing.output(header.dst)
        if isinstance(path, NoPath):
            return path
        skb = self.skb(raw_packet.completed(data, header, path, self.next_ident), path)
        skb.paced = True
        skb.refused = refused
        return self.launch(skb)

    def in_pieces(
        self, data: bytes, refused: Callable[[str], object] | None = None
    ) -> int | NoPath:
        """Send a packet that is larger than its way has room for; returns its packet id.

        As a raw socket does that gives no header of its own (Linux: ip_append_data): source, id
        and checksum are filled in.
        """
        header = ipv4.Ipv4.parse(data)
        path = self._routing.output(header.dst)
        if isinstance(path, NoPath):
            return path
        whole = header._replace(src=path.source, id=self.next_ident())
        payload = data[header.header_length :]
        skb = self.skb(whole.emit() + payload, path)
        skb.pieces = geometry(len(payload), self._path_mtu.of(path, header.dst))
        skb.paced = True
        skb.refused = refused
        return self.launch(skb)

    def room(self, path: Path, dst: int) -> int:
        """Bytes that a packet on ``path`` to ``dst`` may have (Linux: dst_mtu)."""
        return self._path_mtu.of(path, dst)

    def next_ident(self) -> int:
        """The kernel's own IP id counter; never 0."""
        self._ident = self._ident % 0xFFFF + 1
        return self._ident

    def skb(self, data: bytes, path: Path) -> Skb:
        """A packet, not yet on its way."""
        skb = Skb(_NOWHERE, None, b"", data)
        skb.protocol = ETH_P_IP
        skb.dst = path
        return skb

    def launch_by(self, port: Interface, skb: Skb) -> int:
        """Send it by ``port``, its Ethernet header written, past routes and hooks."""
        return self._visits.launch(skb, port.transmit)

    def launch(self, skb: Skb) -> int:
        """Send it; returns its packet id."""
        return self._visits.launch(skb, self._send)
