"""Translating an ICMP error (Linux: nf_nat_icmp_reply_translation).

Law: who gets the error must recognise the packet that it quotes, and sees it come from the
address that he sent to. So the quoted packet is put back, and the outer address with it: a pod
that traces the way to a Service sees the Service at every hop.
"""

from __future__ import annotations

from pknet.netns.conntrack import status
from pknet.netns.conntrack.connection import Connection, Direction
from pknet.netns.nat.manip import Change, change, end_of, manipulated, target_of
from pknet.netns.netfilter.host import Manip
from pknet.trace import Dropped, DropReason
from pknet.wire import icmp, ipv4
from pknet.wire.address import ip_text
from pknet.wire.checksum import checksum
from pknet.wire.ipv4 import Ipv4

_LEAST_QUOTED = 8  # bytes of the quoted transport header (RFC 792)


def refusal(data: bytes, ct: Connection) -> Dropped | None:
    """Why the error may not pass: it is broken, or a redirect that NAT has made pointless."""
    payload = data[Ipv4.parse(data).header_length :]
    if len(payload) < icmp.HEADER_LENGTH + ipv4.MIN_HEADER or checksum(payload):
        return Dropped(DropReason.NETFILTER_DROP, "a broken ICMP error, which NAT cannot translate")
    if payload[0] != icmp.REDIRECT:
        return None
    decided = ct.status & status.NAT_DONE == status.NAT_DONE
    if decided and not ct.status & status.NAT:
        return None
    return Dropped(DropReason.NETFILTER_DROP, "an ICMP redirect for a translated connection")


def translated(
    data: bytes, ct: Connection, direction: Direction, manip: Manip
) -> tuple[bytes, str] | Dropped:
    """The error with both ends of ``manip`` put right, and what changed in words."""
    header = Ipv4.parse(data)
    at = header.header_length + icmp.HEADER_LENGTH
    quoted = data[at:]
    if len(quoted) < Ipv4.parse(quoted).header_length + _LEAST_QUOTED:
        return Dropped(DropReason.NETFILTER_DROP, "the packet that the error quotes is cut short")
    inside = ct.tuple(direction.other)
    inner_manip = Manip.DST if manip is Manip.SRC else Manip.SRC
    inner = change(quoted, inside, inner_manip)
    message = bytearray(data[header.header_length : at] + manipulated(quoted, inside, inner_manip))
    message[2:4] = bytes(2)
    message[2:4] = checksum(bytes(message)).to_bytes(2, "big")
    whole = data[: header.header_length] + bytes(message)
    target = target_of(ct, direction)._replace(protocol=ipv4.ICMP)
    return manipulated(whole, target, manip), _words(header, end_of(target, manip).address,
                                                     manip, inner)  # fmt: skip


def _words(header: Ipv4, new: int, manip: Manip, inner: Change) -> str:
    old = header.src if manip is Manip.SRC else header.dst
    return f"{ip_text(old)} -> {ip_text(new)}, and in the quoted packet {inner}"
