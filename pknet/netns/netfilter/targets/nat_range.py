"""The addresses and ports that --to-destination and --to-source name (iptables: libxt_NAT.c).

10.0.0.1   10.0.0.1:80   10.0.0.1-10.0.0.9:80-90   :80   [fd00::1]:80   [fd00::1-fd00::9]:80
"""

from __future__ import annotations

from pknet.netns.netfilter.host import NatRange
from pknet.netns.netfilter.networks import address, address_text
from pknet.netns.netfilter.numbers import port


def ports(text: str) -> tuple[int, int]:
    """``8080`` or ``8080-8090``. Raises ValueError."""
    if "/" in text:
        raise ValueError(f"{text!r}: a base port (/PORT) is not modelled")
    low, dash, high = text.partition("-")
    first, last = port(low), port(high) if dash else port(low)
    if first > last or not first:
        raise ValueError(f"{text!r} is no port range: from 1 to 65535, the smaller first")
    return first, last


def ports_text(low: int, high: int) -> str:
    """The same, printed."""
    return str(low) if low == high else f"{low}-{high}"


def read_range(text: str, family: int) -> NatRange:
    """Addresses, ports, or both. Raises ValueError."""
    addresses, port_text = _halves(text, family)
    low_port, high_port = ports(port_text) if port_text is not None else (0, 0)
    if not addresses and port_text is None:
        raise ValueError("an address or a port is needed")
    low, high = _addresses(addresses, family) if addresses else (0, 0)
    return NatRange(low, high, low_port, high_port)


def _halves(text: str, family: int) -> tuple[str, str | None]:
    """Addresses, and ports where there are any; IPv6 needs brackets for both."""
    if family == 6 and not text.startswith((":", "[")):
        return text, None
    if text.startswith("["):
        addresses, bracket, rest = text[1:].partition("]")
        if family == 4 or not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"{text!r} is no target such as [fd00::1]:80")
        return addresses, rest[1:] if rest else None
    addresses, colon, rest = text.partition(":")
    return addresses, rest if colon else None


def _addresses(text: str, family: int) -> tuple[int, int]:
    low, dash, high = text.partition("-")
    first = address(low, family)
    last = address(high, family) if dash else first
    if first > last or not first:
        raise ValueError(f"{text!r} is no address range: not from 0, the smaller first")
    return first, last


def range_text(wanted: NatRange, family: int) -> str:
    """As iptables-save prints it."""
    text = address_text(wanted.min_ip, family) if wanted.min_ip else ""
    if wanted.max_ip != wanted.min_ip:
        text += f"-{address_text(wanted.max_ip, family)}"
    if not wanted.min_port:
        return text
    if family == 6 and text:
        text = f"[{text}]"
    return f"{text}:{ports_text(wanted.min_port, wanted.max_port)}"
