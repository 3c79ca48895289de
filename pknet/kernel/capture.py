"""What crosses each interface, through AF_PACKET rings (Documentation/networking/packet_mmap.rst).

Law: a frame is copied at the tap. A plain recv() may hand out a clone that later hops still
change (a decremented TTL, a rewritten MAC); a TPACKET_V2 ring copies at once. Never promiscuous:
a bridge device would then show what it merely bridges.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import socket
import struct
from typing import NamedTuple

from pknet.kernel.errors import KernelError, KernelUnavailableError
from pknet.kernel.namespace import Namespace
from pknet.wire import ipv4
from pknet.wire.checksum import checksum
from pknet.wire.ethernet import ETH_P_IP, Ethernet

# include/uapi/linux/if_packet.h
SOL_PACKET = 263
PACKET_RX_RING = 5
PACKET_STATISTICS = 6
PACKET_VERSION = 10
TPACKET_V2 = 1
TP_STATUS_USER = 1
TP_STATUS_CSUMNOTREADY = 8
TP_STATUS_VLAN_VALID = 16
PACKET_OUTGOING = 4
ETH_P_ALL = 3

_HEADER = struct.Struct("=IIIHHIIHH")  # struct tpacket2_hdr, without its padding
_ADDRESS = struct.Struct("=HHiHBB")  # struct sockaddr_ll, which follows it
_ADDRESS_AT = 32  # TPACKET_ALIGN(sizeof(struct tpacket2_hdr))
_HEADROOM = 96  # what tpacket_rcv puts before the network header, and the Ethernet header
_RING = 1 << 21  # bytes for each node
_FEWEST_SLOTS = 256  # a long write is a hundred frames and more before anybody looks
_SMALLEST_SLOT = 2048


class Captured(NamedTuple):
    """One frame at one tap; ``direction`` is "in", "out", or None where nobody wrote it down."""

    time_ns: int
    direction: str | None
    wire: bytes


class Tap:
    """One ring for all interfaces of a node. ``largest``: the longest IP packet, in bytes."""

    def __init__(self, namespace: Namespace, largest: int) -> None:
        self.node = namespace.node
        self._slot = max(_SMALLEST_SLOT, 1 << (largest + _HEADROOM - 1).bit_length())
        self._slots = max(_RING // self._slot, _FEWEST_SLOTS)
        self._next = 0
        with namespace.entered():
            self._names = dict(socket.if_nameindex())
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.frames: dict[str, list[Captured]] = {name: [] for name in self._names.values()}
        size = self._slot * self._slots
        block = max(self._slot, mmap.PAGESIZE)
        self._set(PACKET_VERSION, struct.pack("=I", TPACKET_V2))
        self._set(PACKET_RX_RING, struct.pack("=4I", block, size // block, self._slot, self._slots))
        self._ring = mmap.mmap(self._socket.fileno(), size)

    def drain(self) -> None:
        """Take over what the ring holds. Raises KernelError where it overflowed or cut a frame."""
        start = self._next * self._slot
        while struct.unpack_from("=I", self._ring, start)[0] & TP_STATUS_USER:
            self._take(start)
            struct.pack_into("=I", self._ring, start, 0)  # TP_STATUS_KERNEL: the slot is free
            self._next = (self._next + 1) % self._slots
            start = self._next * self._slot
        lost = struct.unpack("=II", self._socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1]
        if lost:
            raise KernelError(f"{self.node}: the capture ring was full, and {lost} frames are lost")

    def close(self) -> None:
        """Stop listening."""
        self._ring.close()
        self._socket.close()

    def _set(self, option: int, value: bytes) -> None:
        """As setsockopt(2), but through ctypes, which lets other threads go on.

        The kernel waits for an RCU grace period in it (packet_set_ring), some 10 ms.
        """
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setsockopt(self._socket.fileno(), SOL_PACKET, option, value, len(value)):
            reason = os.strerror(ctypes.get_errno())
            raise KernelUnavailableError(f"{self.node}: no packet ring: {reason}")

    def _take(self, start: int) -> None:
        status, length, stored, mac, _net, seconds, nanoseconds, tci, tpid = _HEADER.unpack_from(
            self._ring, start
        )
        _, _, index, _, kind, _ = _ADDRESS.unpack_from(self._ring, start + _ADDRESS_AT)
        interface = self._names[index]
        direction = "out" if kind == PACKET_OUTGOING else "in"
        if interface == "lo" and direction == "out":
            return  # each packet once, as libpcap shows it
        if stored < length:
            raise KernelError(
                f"{self.node}:{interface}: a frame of {length} bytes was not expected"
            )
        wire = self._ring[start + mac : start + mac + stored]
        if status & TP_STATUS_VLAN_VALID:  # the stack has taken the tag out
            wire = wire[:12] + struct.pack("!HH", tpid, tci) + wire[12:]
        if status & TP_STATUS_CSUMNOTREADY:
            wire = _summed(wire)
        self.frames[interface].append(
            Captured(seconds * 1_000_000_000 + nanoseconds, direction, wire)
        )


def _summed(wire: bytes) -> bytes:
    """lo never computes a TCP or UDP checksum (CHECKSUM_PARTIAL); any wire would carry it."""
    if Ethernet.parse(wire).type != ETH_P_IP:
        return wire
    packet = wire[14:]
    header = ipv4.Ipv4.parse(packet)
    place = {ipv4.TCP: 16, ipv4.UDP: 6}.get(header.protocol)
    if place is None or header.is_fragment:
        return wire
    at = 14 + header.header_length + place
    # The field holds the pseudo header's sum already: summing all of it completes it.
    total = checksum(wire[14 + header.header_length : 14 + header.length]) or 0xFFFF
    return wire[:at] + total.to_bytes(2, "big") + wire[at + 2 :]
