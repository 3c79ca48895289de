"""Reading a header's options, and writing what this host has to say (Linux: ip_options_compile).

Law: options are read from the left; the first that makes no sense ends the reading, and what was
written before stays written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pknet.wire.ip_options import (
    ADDRESS,
    END,
    LOOSE_ROUTE,
    NOOP,
    RECORD_ROUTE,
    ROUTER_ALERT,
    STRICT_ROUTE,
    TIMES_AND_ADDRESSES,
    TIMES_OF_GIVEN,
    TIMES_ONLY,
    TIMESTAMP,
    Options,
)  # fmt: skip
from pknet.wire.ipv4 import MIN_HEADER

_MOST_OVERFLOWS = 15  # hosts that had no room for their time


class BadOption(Exception):  # noqa: N818 (it is what the sender hears)
    """``pointer``: the byte of the header that makes no sense."""

    def __init__(self, pointer: int) -> None:
        self.pointer = pointer
        super().__init__(f"byte {pointer} of the header")


@dataclass(frozen=True, slots=True)
class Scribe:
    """What a host writes: ``address`` of its own, the ``time`` (ms since midnight UT);
    ``elsewhere`` says of an address that it is another host's."""

    address: Callable[[], int]
    time: int
    elsewhere: Callable[[int], bool]


def read(header: bytearray, scribe: Scribe) -> tuple[Options, BadOption | None]:
    """What ``header``, written into in place, says; with it, what of it makes no sense."""
    options = Options(len(header) - MIN_HEADER)
    at = MIN_HEADER
    try:
        while at < len(header):
            if header[at] == END:
                _pad(header, at + 1, options)
                break
            at += 1 if header[at] == NOOP else _one(header, at, options, scribe)
    except BadOption as bad:
        return options, bad
    return options, None


def _pad(header: bytearray, start: int, options: Options) -> None:
    """Nothing follows the end."""
    if any(header[start:]):
        header[start:] = bytes(len(header) - start)
        options.changed = True


def _one(header: bytearray, at: int, options: Options, scribe: Scribe) -> int:
    """The option at ``at``; its length."""
    if at + 2 > len(header) or not 2 <= header[at + 1] <= len(header) - at:
        raise BadOption(at)
    kind = header[at]
    if kind in (LOOSE_ROUTE, STRICT_ROUTE):
        _source_route(header, at, options)
    elif kind == RECORD_ROUTE:
        _record(header, at, options, scribe)
    elif kind == TIMESTAMP:
        _times(header, at, options, scribe)
    elif kind == ROUTER_ALERT and header[at + 1] < 4:
        raise BadOption(at + 1)
    return header[at + 1]


def _source_route(header: bytearray, at: int, options: Options) -> None:
    _check_head(header, at, 3, 4)
    if options.source_route:
        raise BadOption(at)
    options.strict = header[at] == STRICT_ROUTE
    options.source_route = at


def _check_head(header: bytearray, at: int, least: int, first: int) -> None:
    """An option of at least ``least`` bytes, whose pointer is ``first`` or later."""
    if header[at + 1] < least:
        raise BadOption(at + 1)
    if header[at + 2] < first:
        raise BadOption(at + 2)


def _room(header: bytearray, at: int, size: int) -> None:
    """There are ``size`` bytes at the pointer."""
    if header[at + 2] + size - 1 > header[at + 1]:
        raise BadOption(at + 2)


def _write(header: bytearray, at: int, number: int, options: Options) -> None:
    header[at : at + ADDRESS] = number.to_bytes(ADDRESS, "big")
    options.changed = True


def _record(header: bytearray, at: int, options: Options, scribe: Scribe) -> None:
    if options.record:
        raise BadOption(at)
    _check_head(header, at, 3, 4)
    pointer = header[at + 2]
    if pointer <= header[at + 1]:
        _room(header, at, ADDRESS)
        _write(header, at + pointer - 1, scribe.address(), options)
        header[at + 2] += ADDRESS
        options.needs_address = True
    options.record = at


def _times(header: bytearray, at: int, options: Options, scribe: Scribe) -> None:
    if options.times:
        raise BadOption(at)
    _check_head(header, at, 4, 5)
    flag = header[at + 3] & 15
    if header[at + 2] <= header[at + 1]:
        _room(header, at, ADDRESS)
        if flag in _STAMPS:
            _STAMPS[flag](header, at, options, scribe)
    elif flag != TIMES_OF_GIVEN:
        if header[at + 3] >> 4 == _MOST_OVERFLOWS:
            raise BadOption(at + 3)
        header[at + 3] += 1 << 4
        options.changed = True
    options.times = at


def _stamp(header: bytearray, at: int, options: Options, scribe: Scribe) -> None:
    _write(header, at + header[at + 2] - 1, scribe.time, options)
    header[at + 2] += ADDRESS
    options.needs_time = True


def _stamp_with_address(header: bytearray, at: int, options: Options, scribe: Scribe) -> None:
    _room(header, at, 2 * ADDRESS)
    _write(header, at + header[at + 2] - 1, scribe.address(), options)
    header[at + 2] += ADDRESS
    _stamp(header, at, options, scribe)
    options.needs_time_address = True


def _stamp_if_named(header: bytearray, at: int, options: Options, scribe: Scribe) -> None:
    _room(header, at, 2 * ADDRESS)
    start = at + header[at + 2] - 1
    if not scribe.elsewhere(int.from_bytes(header[start : start + ADDRESS], "big")):
        header[at + 2] += ADDRESS
        _stamp(header, at, options, scribe)


_STAMPS = {
    TIMES_ONLY: _stamp, TIMES_AND_ADDRESSES: _stamp_with_address, TIMES_OF_GIVEN: _stamp_if_named,
}  # fmt: skip
