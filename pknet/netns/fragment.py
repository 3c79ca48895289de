"""Cutting a packet into fragments (RFC 791, section 3.2; Linux: ip_do_fragment).

Law: a packet that was put together here leaves in the pieces it came in, where they still fit.
"""

from __future__ import annotations

from pknet.wire.ip_options import for_later_fragments
from pknet.wire.ipv4 import DF, MF, MIN_HEADER, OFFSET_MASK, Ipv4


def fragments(
    data: bytes, mtu: int, pieces: tuple[int, ...] = (), df: bool = False, as_read: bool = True
) -> list[bytes]:
    """``data`` (a whole IPv4 packet) as packets of at most ``mtu`` bytes.

    ``pieces``: payload sizes, in bytes, of the fragments it was reassembled from. ``df`` sets
    don't-fragment on each (Linux: IPSKB_FRAG_PMTU). ``as_read``: this host has read its options,
    and so knows which of them belong into the first piece alone.
    """
    header = Ipv4.parse(data)
    size = header.header_length
    payload = data[size : header.length]
    largest = (mtu - size) & ~7
    sizes = pieces if _fit(pieces, mtu - size, len(payload)) else ()
    cuts = _cuts(len(payload), largest, sizes)
    first = data[MIN_HEADER:size]
    later = for_later_fragments(first) if as_read and not header.offset else first
    return [
        _piece(header, later if start else first, payload, start, end, df) for start, end in cuts
    ]


def geometry(total: int, mtu: int, size: int = MIN_HEADER) -> tuple[int, ...]:
    """The payload of each fragment of ``total`` bytes, where a packet is made in pieces.

    ``size``: bytes of the header.

    Linux: __ip_append_data. What is sent is one packet until its size is looked at.
    """
    return tuple(end - start for start, end in _cuts(total, mtu - size & ~7, ()))


def _fit(pieces: tuple[int, ...], room: int, total: int) -> bool:
    """True where the old geometry can be used again (the checks of ip_do_fragment)."""
    aligned = all(piece % 8 == 0 for piece in pieces[:-1])
    return len(pieces) > 1 and sum(pieces) == total and max(pieces) <= room and aligned


def _cuts(total: int, largest: int, sizes: tuple[int, ...]) -> list[tuple[int, int]]:
    """Start and end of each piece."""
    if not sizes:
        return [(at, min(at + largest, total)) for at in range(0, total, largest)]
    ends = [sum(sizes[: index + 1]) for index in range(len(sizes))]
    return list(zip([0, *ends[:-1]], ends, strict=True))


def _piece(header: Ipv4, options: bytes, payload: bytes, start: int, end: int, df: bool) -> bytes:
    more = MF if end < len(payload) or header.fragment & MF else 0
    offset = (header.fragment & OFFSET_MASK) + start // 8
    length = MIN_HEADER + len(options) + end - start
    word = more | offset | (DF if df else 0)
    piece = header._replace(
        version_ihl=0x40 | (MIN_HEADER + len(options)) // 4, length=length, fragment=word
    )
    return piece.emit(options) + payload[start:end]
