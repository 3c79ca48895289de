"""IPv4 options (RFC 791, section 3.1; RFC 2113; RFC 1108): their numbers, and where they stand.

Law: offsets count from the first byte of the IP header, as ICMP's pointer does; 0 means that
there is no such option.
"""

from __future__ import annotations

from dataclasses import dataclass

END, NOOP = 0, 1
RECORD_ROUTE, TIMESTAMP, LOOSE_ROUTE, CIPSO, STRICT_ROUTE, ROUTER_ALERT = 7, 68, 131, 134, 137, 148
SOURCE_ROUTES = frozenset({LOOSE_ROUTE, STRICT_ROUTE})
TIMES_ONLY, TIMES_AND_ADDRESSES, TIMES_OF_GIVEN = 0, 1, 3  # a timestamp option's flag
COPIED = 0x80  # into every fragment
ADDRESS = 4  # bytes, of an address and of a time


@dataclass(slots=True)
class Options:
    """What a stack has read of a packet's options (Linux: struct ip_options).

    ``size``: bytes of all. ``record``, ``times``, ``source_route``: where each begins.
    ``needs_address``: this host is to write its address into the record when it sends the packet
    on; ``needs_time_address`` the same beside a time. ``nexthop``: the source route's next stop.
    ``changed``: the header's checksum is still that of before.
    """

    size: int
    record: int = 0
    times: int = 0
    source_route: int = 0
    strict: bool = False
    needs_address: bool = False
    needs_time_address: bool = False
    needs_time: bool = False
    nexthop: int | None = None
    changed: bool = False


def for_later_fragments(options: bytes) -> bytes:
    """``options`` as fragments after the first carry them: what is not copied is padding.

    Linux: ip_options_fragment.
    """
    out = bytearray(options)
    at = 0
    while at < len(out) and out[at] != END:
        length = 1 if out[at] == NOOP else (out[at + 1] if at + 1 < len(out) else 0)
        if length < 1 or at + length > len(out) or (length < 2 and out[at] != NOOP):
            break
        if out[at] != NOOP and not out[at] & COPIED:
            out[at : at + length] = bytes([NOOP]) * length
        at += length
    return bytes(out)


def kinds(options: bytes) -> set[int]:
    """The numbers of the options in ``options``, up to where they make no sense."""
    found: set[int] = set()
    at = 0
    while at < len(options) and options[at] != END:
        found.add(options[at])
        step = 1 if options[at] == NOOP else (options[at + 1] if at + 1 < len(options) else 0)
        if not step:
            break
        at += step
    return found
