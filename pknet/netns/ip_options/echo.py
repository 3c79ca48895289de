"""The options of an answer, made of those of what it answers (Linux: __ip_options_echo).

Law: records go on where they are, a source route is turned round, and all else is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pknet.netns.route import Path
from pknet.wire.ip_options import ADDRESS, END, TIMES_OF_GIVEN, Options
from pknet.wire.ipv4 import MIN_HEADER

#: Whether an address is another host's (Linux: inet_addr_type, RTN_UNICAST).
Elsewhere = Callable[[int], bool]

_FIXED = 3  # bytes of a source route before its addresses


@dataclass(frozen=True, slots=True)
class Echo:
    """``data``: the options' bytes, in fours. ``first``: where the answer goes first; 0: straight
    to its destination."""

    data: bytes = b""
    options: Options | None = None
    first: int = 0

    def forbids(self, path: Path) -> bool:
        """Whether ``path`` has a gateway that a strict source route does not name."""
        strict = self.options is not None and self.options.strict
        return strict and path.route is not None and bool(path.route.via)

    def written(self, src: int, dst: int, time: int) -> tuple[bytes, Options | None]:
        """As the packet from ``src`` to ``dst`` carries them (Linux: ip_options_build)."""
        out, options = bytearray(self.data), self.options
        if options is None:
            return b"", None
        if options.source_route:
            at = options.source_route - MIN_HEADER
            _put(out, at + out[at + 1] - ADDRESS, dst)
        if options.needs_address:
            at = options.record - MIN_HEADER
            _put(out, at + out[at + 2] - 1 - ADDRESS, src)
        at = options.times - MIN_HEADER
        if options.needs_time_address:
            _put(out, at + out[at + 2] - 1 - 2 * ADDRESS, src)
        if options.needs_time:
            _put(out, at + out[at + 2] - 1 - ADDRESS, time)
        return bytes(out), replace(options)


NOTHING = Echo()


def _put(out: bytearray, at: int, number: int) -> None:
    out[at : at + ADDRESS] = number.to_bytes(ADDRESS, "big")


def echo(header: bytes, options: Options | None, elsewhere: Elsewhere) -> Echo | None:
    """What an answer to ``header`` carries; None: there can be no answer (Linux: EINVAL)."""
    if options is None:
        return NOTHING
    data, made, first = bytearray(), Options(0), 0
    if options.record:
        made.record = MIN_HEADER
        part = bytearray(header[options.record :][: header[options.record + 1]])
        if part[2] <= part[1] and not _record(part, options, made):
            return None
        data += part
    if options.times:
        made.times = MIN_HEADER + len(data)
        part = bytearray(header[options.times :][: header[options.times + 1]])
        if part[2] <= part[1] and not _times(part, options, made, elsewhere):
            return None
        data += part
    if options.source_route:
        part, first = _turned_round(header, options.source_route)
        if part:
            made.source_route, made.strict = MIN_HEADER + len(data), options.strict
            data += part
    data += bytes([END]) * (-len(data) % 4)
    made.size = len(data)
    return Echo(bytes(data), made, first) if data else NOTHING


def _record(part: bytearray, options: Options, made: Options) -> bool:
    """Room for the address of the answer's sender; False: there is too little."""
    if not options.needs_address:
        return True
    made.needs_address = True
    return _advance(part, ADDRESS)


def _times(part: bytearray, options: Options, made: Options, elsewhere: Elsewhere) -> bool:
    """The same for its time, too."""
    if options.needs_time_address:
        made.needs_time_address = True
        if not _advance(part, ADDRESS):
            return False
    if not options.needs_time:
        return True
    pointer, length = part[2], part[1]
    if part[3] & 15 != TIMES_OF_GIVEN:
        made.needs_time = True
        return _advance(part, ADDRESS)
    if pointer + 2 * ADDRESS - 1 <= length:
        given = int.from_bytes(part[pointer - 1 : pointer - 1 + ADDRESS], "big")
        made.needs_time = not elsewhere(given)
        part[2] += 2 * ADDRESS * made.needs_time
    return pointer + ADDRESS - 1 <= length


def _advance(part: bytearray, size: int) -> bool:
    fits = part[2] + size - 1 <= part[1]
    part[2] += size
    return fits


def _turned_round(header: bytes, at: int) -> tuple[bytearray, int]:
    """A source route backwards, and its first stop (RFC 1122, section 3.2.1.8).

    Its last stop is left open, for the answer's destination.
    """
    length, pointer = header[at + 1], header[at + 2]
    starts = range(min(pointer, length + 1) - ADDRESS, _FIXED, -ADDRESS)
    stops = [header[at + start - 1 :][:ADDRESS] for start in starts]
    if stops and stops[-1] == header[12:16]:  # RFC 1812 has such a route put right
        stops.pop()
    if not stops:
        return bytearray(), 0
    back = b"".join([*stops[1:], bytes(ADDRESS)])
    first = header[at + starts[0] - 1 :][:ADDRESS]
    head = bytes([header[at], _FIXED + len(back), _FIXED + 1])
    return bytearray(head + back), int.from_bytes(first, "big")
