"""Between Scapy's packets and wire bytes.

Law: a packet has one wire: it is built once, where it enters the model, and from there on the
bytes are the truth. What stands for several packets, or has no bytes, is refused.
"""

from __future__ import annotations

import struct
from itertools import islice

from scapy.layers import inet, l2
from scapy.packet import Packet
from scapy.utils import EDecimal

from pknet.wire.address import ZERO_MAC
from pknet.wire.ethernet import HEADER_LENGTH
from pknet.wire.ip_options import CIPSO, kinds
from pknet.wire.scapy.fill import OpenFieldError, fill, layers
from pknet.wire.scapy.host import HostAskedError, no_host
from pknet.wire.scapy.layers import is_frame, is_ipv4
from pknet.wire.scapy.value import misfit

_TOO_LONG = "it is longer than a packet can be: 65535 bytes in all; send less, or several packets"
MOST_OPTIONS = 40  # bytes (RFC 791: the header's length has four bits)
_SECOND = EDecimal(10**9)  # nanoseconds


class WireError(ValueError):
    """A packet that has no bytes, or bytes that are no frame."""


def dissect(wire: bytes, time_ns: int = 0) -> Packet:
    """The genuine Scapy packet of a frame, its ``time`` exact. Raises WireError below 14 bytes."""
    if len(wire) < HEADER_LENGTH:
        raise WireError(f"{len(wire)} bytes are no frame: an Ethernet header has {HEADER_LENGTH}")
    packet = l2.Ether(wire)
    packet.time = EDecimal(time_ns) / _SECOND
    return packet


def dissect_bare(wire: bytes, time_ns: int = 0) -> Packet:
    """The same for an IPv4 packet without a link layer."""
    packet = inet.IP(wire)
    packet.time = EDecimal(time_ns) / _SECOND
    return packet


def frame_bytes(packet: Packet, source: bytes = ZERO_MAC, address: int = 0) -> bytes:
    """The bytes of a packet that begins with Ether (or Dot3).

    ``source`` and ``address`` are the MAC and IPv4 address of the interface that it leaves from;
    ``fill`` says where they go. Raises WireError where the packet cannot be built, stands for
    several, or lacks what only a host knows.
    """
    if not is_frame(packet):
        raise WireError(f"this is no frame: it begins with {type(packet).__name__}")
    return _built(packet, source, address)


def network_bytes(packet: Packet) -> bytes:
    """The bytes of a packet that begins with IP; a missing source is 0.0.0.0.

    Raises WireError as ``frame_bytes`` does.
    """
    if type(packet).__name__ == "IPv6":
        raise WireError("IPv6 is not modelled; a frame may hold it all the same: Ether(…)/IPv6(…)")
    if not is_ipv4(packet):
        raise WireError("this is no IPv4 packet; begin with IP(…), or with Ether(…) for a frame")
    return _built(packet, ZERO_MAC, 0)


def _built(packet: Packet, source: bytes, address: int) -> bytes:
    """Anything that Scapy raises becomes a WireError."""
    with no_host():
        try:
            whole = packet.copy()
            fill(whole, source, address)
            one = _only(whole)
            _check_options(one)
            return bytes(one)
        except (WireError, OpenFieldError, HostAskedError) as error:
            raise WireError(str(error)) from None
        except struct.error:
            raise WireError(misfit(packet) or _TOO_LONG) from None
        except Exception as error:
            why = f"Scapy cannot build it: {str(error) or type(error).__name__}"
            raise WireError(misfit(packet) or why) from None


def _check_options(packet: Packet) -> None:
    """Room for them, unless the header lies about its length (``ihl``); and no label.

    What a host makes of a security label hangs on the labels it knows (cipso_v4_validate).
    """
    for one in layers(packet):
        if not isinstance(one, inet.IP):
            continue
        options = _options(one)
        if CIPSO in kinds(options):
            raise WireError(f"IP option {CIPSO} (CIPSO, a security label) is not modelled")
        if len(options) > MOST_OPTIONS and one.ihl is None:
            raise WireError(f"IP options of {len(options)} bytes; allowed: up to {MOST_OPTIONS}")


def _options(header: inet.IP) -> bytes:
    """Those of a header, whatever its length says."""
    return b"".join(bytes(option) for option in header.options)


def _only(packet: Packet) -> Packet:
    """The packet with each random value drawn; 10.0.0.0/30 as an address is four packets."""
    first, *more = islice(packet, 2)
    if more:
        raise WireError("it stands for several packets (a set of values or addresses): send one")
    return first
