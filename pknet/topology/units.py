"""Durations, rates, sizes and shares, as tc and systemd write them.

Law: what these return is in the units that the engine counts in: nanoseconds, bits or packets
a second, bytes, a number from 0 to 1.
"""

from __future__ import annotations

import re
from decimal import Decimal

from pknet.topology.fault import shown

_NUMBER = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,18})?) ?([a-z%]*)")
_TIME = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000}
_RATE = {"bit": 1, "kbit": 1_000, "mbit": 1_000_000, "gbit": 1_000_000_000}

_SIZE = {"": 1, "B": 1, "kB": 10**3, "MB": 10**6, "KiB": 1 << 10, "MiB": 1 << 20}

MAX_DURATION = 24 * 3600 * 1_000_000_000  # a day, in nanoseconds: longer is a slip of the pen
MAX_RATE = 10**15  # bits a second
MAX_PACKET_RATE = 10_000_000  # packets a second: one each 100 ns


def duration(text: str) -> int:
    """``50us`` in nanoseconds. Raises ValueError."""
    value = _scaled(text, _TIME, "duration such as 50us, 200ms or 1s")
    if value > MAX_DURATION:
        raise ValueError(f"{text} is over a day; allowed: 0ns to 1440m")
    return value


def delay(text: str) -> int:
    """A duration that is not nothing: every crossing takes some time. Raises ValueError."""
    value = duration(text)
    if value == 0:
        raise ValueError(f"{text} is no time at all; allowed: 1ns to 1440m")
    return value


def rate(text: str) -> int:
    """``1gbit`` in bits a second. Raises ValueError."""
    value = _scaled(text, _RATE, "rate such as 100mbit or 1gbit")
    if not 1 <= value <= MAX_RATE:
        raise ValueError(f"{text} is out of range; allowed: 1bit to 1000000gbit, or no rate")
    return value


def packet_rate(text: str) -> int:
    """``50000/s`` in packets a second. Raises ValueError."""
    match = re.fullmatch(r"([0-9]{1,18}) ?/ ?s", text)
    if match is None:
        raise ValueError(f"{shown(text)} is no number of packets a second such as 50000/s")
    if not 1 <= int(match[1]) <= MAX_PACKET_RATE:
        raise ValueError(f"{text} is out of range; allowed: 1/s to {MAX_PACKET_RATE}/s")
    return int(match[1])


def size(text: str) -> int:
    """``5MB``, ``64KiB`` or ``1500`` in bytes. Raises ValueError."""
    return _scaled(text, _SIZE, "size such as 1500, 64KiB or 5MB")


def share(text: str) -> float:
    """``0.1%`` as 0.001. Raises ValueError."""
    match = _NUMBER.fullmatch(text)
    if match is None or match[2] != "%" or Decimal(match[1]) > 100:
        raise ValueError(f"{shown(text)} is no share such as 0.1%; allowed: 0% to 100%")
    return float(Decimal(match[1]) / 100)


def _scaled(text: str, units: dict[str, int], what: str) -> int:
    match = _NUMBER.fullmatch(text.lower())
    factors = {name.lower(): factor for name, factor in units.items()}
    if match is None or match[2] not in factors:
        raise ValueError(f"{shown(text)} is no {what}; units: {', '.join(filter(None, units))}")
    return int(Decimal(match[1]) * factors[match[2]])
