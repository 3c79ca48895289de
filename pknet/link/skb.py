"""One visit of a frame inside one namespace (Linux: struct sk_buff).

Law: an Skb never leaves its namespace. What crosses a link is a Frame and a packet id; mark,
connection and everything else stay behind, as skb_scrub_packet has it. What a tunnel takes out
of a packet stays in the namespace: it keeps the mark.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from pknet.trace import Hop
from pknet.wire.address import BROADCAST_MAC, is_multicast_mac
from pknet.wire.frame import Frame, frame_of
from pknet.wire.ip_options import Options
from pknet.wire.ipv4 import Ipv4

if TYPE_CHECKING:
    from pknet.link.interface import Interface


class PacketType(Enum):
    """For whom a received frame is (Linux: skb->pkt_type)."""

    HOST = "for this host"
    BROADCAST = "for everyone"
    MULTICAST = "for a group"
    OTHERHOST = "for another station"


def packet_type(destination: bytes, own: bytes) -> PacketType:
    """What ``destination`` means to a device whose address is ``own`` (Linux: eth_type_trans)."""
    if is_multicast_mac(destination):
        return PacketType.BROADCAST if destination == BROADCAST_MAC else PacketType.MULTICAST
    return PacketType.HOST if destination == own else PacketType.OTHERHOST


class Tracked:
    """What connection tracking hangs on an Skb (Linux: skb->_nfct). netns knows what it is."""

    __slots__ = ()


class Destination:
    """A routing decision already taken (Linux: skb->_skb_refdst). netns knows what it is."""

    __slots__ = ()


@dataclass(slots=True)
class BridgeInfo:
    """What br_netfilter remembers while iptables sees a bridged packet (Linux: nf_bridge_info)."""

    physin: Interface
    physout: Interface | None = None
    otherhost: bool = False
    daddr: int = 0
    in_prerouting: bool = False
    #: The source MAC and type to put back after the neighbour layer wrote its own.
    saved_header: bytes | None = None


class Skb:
    """A packet on its way through one namespace.

    ``header`` is the Ethernet header (14 bytes; empty until a neighbour is known, and on a device
    without a link layer), ``network`` the bytes above it. Set either, and what was read of the
    old ones is forgotten.
    """

    __slots__ = (
        "_frame", "_header", "_ip", "_network", "bridge", "by_icmp", "ct", "ctinfo", "cut", "dev",
        "dst", "frag_max_size", "frag_pmtu", "gso_size", "hop", "mark", "nesting", "options",
        "paced",
        "pieces", "protocol", "refused", "type", "unsummed",
    )  # fmt: skip

    def __init__(self, hop: Hop, dev: Interface | None, header: bytes, network: bytes) -> None:
        self.hop = hop
        self.dev = dev  # the device it came in by, or None: made here
        self._header = header
        self._network = network
        self._frame: Frame | None = None
        self._ip: Ipv4 | None = None
        self.protocol = int.from_bytes(header[12:14], "big")  # EtherType
        self.type = PacketType.HOST
        self.mark = 0
        self.nesting = 0  # how many tunnels of this node it has gone into
        # Its transport checksum is left for the device to write (Linux: CHECKSUM_PARTIAL): who
        # quotes it before, quotes it unwritten.
        self.unsummed = False
        # The socket that all ICMP of the kernel's own leaves by is busy sending it, so that nothing
        # that befalls it now is told by ICMP (Linux: icmp_xmit_lock).
        self.by_icmp = False
        self.ct: Tracked | None = None
        self.ctinfo = 0  # netns.conntrack.CtInfo
        self.dst: Destination | None = None
        self.bridge: BridgeInfo | None = None
        # Of the fragments it was reassembled from: the largest, in bytes; the payload of each;
        # whether each said don't-fragment (Linux: IPCB frag_max_size, frag_list, FRAG_PMTU).
        self.frag_max_size = 0
        self.pieces: tuple[int, ...] = ()
        self.frag_pmtu = False
        self.options: Options | None = None  # those that were read (Linux: IPCB opt)
        self.paced = False  # a process sends it: its pieces leave one by one
        self.cut = False  # as Frame has it
        self.gso_size = 0  # bytes of payload in each segment that it is to become; 0: it stays one
        # Hears the errno, where the node of the program that sends it drops it at once.
        self.refused: Callable[[str], object] | None = None

    @classmethod
    def of(cls, hop: Hop, dev: Interface, frame: Frame) -> Skb:
        """The visit of ``frame``, come in by ``dev``."""
        skb = cls(hop, dev, frame.header, frame.network)
        skb.protocol = frame.type
        skb._frame = frame
        skb.cut = frame.cut
        return skb

    @classmethod
    def detached(cls, network: bytes) -> Skb:
        """A packet that goes nowhere, to be looked at."""
        return cls(Hop("", 0, 0, lambda tap: None), None, b"", network)

    def clone(self) -> Skb:
        """A copy for another way out; the hop, and the connection, stay shared."""
        copy = Skb(self.hop, self.dev, self._header, self._network)
        for name in ("_frame", "_ip", "by_icmp", "ct", "ctinfo", "cut", "dst", "frag_max_size",
                     "frag_pmtu", "gso_size", "mark", "nesting", "options", "paced", "pieces",
                     "protocol",
                     "type", "unsummed"):  # fmt: skip
            setattr(copy, name, getattr(self, name))
        if self.bridge is not None:
            b = self.bridge
            copy.bridge = BridgeInfo(
                b.physin, b.physout, b.otherhost, b.daddr, b.in_prerouting, b.saved_header
            )
        return copy

    @property
    def header(self) -> bytes:
        """The Ethernet header."""
        return self._header

    @header.setter
    def header(self, header: bytes) -> None:
        self._header = header
        self._frame = None

    @property
    def network(self) -> bytes:
        """The packet without its Ethernet header."""
        return self._network

    @network.setter
    def network(self, network: bytes) -> None:
        self._network = network
        self._frame = None
        self._ip = None

    @property
    def ip(self) -> Ipv4:
        """The IPv4 header of ``network``. Raises struct.error below 20 bytes."""
        if self._ip is None:
            self._ip = Ipv4.parse(self._network)
        return self._ip

    @property
    def payload(self) -> bytes:
        """What follows the IPv4 header."""
        return self._network[self.ip.header_length : self.ip.length]

    @property
    def frame(self) -> Frame:
        """The bytes as a Frame; the one that came in, as long as nothing was changed."""
        if self._frame is None:
            self._frame = frame_of(self._header, self._network, self.cut)
        return self._frame

    @property
    def destination(self) -> bytes:
        """The destination MAC."""
        return self._header[:6]

    @property
    def source(self) -> bytes:
        """The source MAC."""
        return self._header[6:12]
