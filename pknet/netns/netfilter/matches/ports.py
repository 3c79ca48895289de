"""What tcp, udp and sctp share: a source and a destination port range.

Law: a later fragment has no ports, and matches no port rule; a header that is cut short ends the
packet (Linux: net/netfilter/xt_tcpudp.c).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from pknet.link.skb import Skb
from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import (
    Hotdrop,
    Option,
    PacketMatch,
    Setting,
    Test,
    negation,
    options,
)
from pknet.netns.netfilter.numbers import port_range, range_text
from pknet.netns.netfilter.protocols import protocol_text

PORT_OPTIONS = options(("--sport", "--dport"), Option(invertible=True))
PORT_ALIASES = {"--source-port": "--sport", "--destination-port": "--dport"}
_ALL = (0, 65535, False)

Range = tuple[int, int, bool]  # low, high, inverted


def transport_header(skb: Skb, size: int) -> bytes | None:
    """What follows the IP header; None in a later fragment. Raises Hotdrop below ``size`` bytes."""
    header = skb.ip
    if header.offset:
        return None
    start = header.header_length
    data = skb.network[start : start + size]
    if len(data) < size:
        raise Hotdrop(f"its header is shorter than {size} bytes")
    return data


def ports_of(skb: Skb, size: int) -> tuple[int, int] | None:
    """Source and destination port; None in a later fragment. Raises Hotdrop below ``size``."""
    data = transport_header(skb, size)
    if data is None:
        return None
    return data[0] << 8 | data[1], data[2] << 8 | data[3]


class PortMatch(PacketMatch):
    """``--sport`` and ``--dport``."""

    protocol: ClassVar[int]
    header_size: ClassVar[int]  # bytes
    aliases = PORT_ALIASES

    def __init__(self, family: int) -> None:
        super().__init__(family)
        self.ranges: dict[str, Range] = {}

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        self.ranges[name] = (*port_range(values[0]), inverted)

    def check(self, setting: Setting) -> None:
        if setting.protocol != self.protocol or setting.protocol_inverted:
            raise ValueError(f"-m {self.name} needs -p {protocol_text(self.protocol)}")

    def save(self) -> str:
        words = []
        for name in PORT_OPTIONS:
            low, high, inverted = wanted = self.ranges.get(name, _ALL)
            if wanted != _ALL:
                words.append(f"{negation(inverted)}{name} {range_text(low, high)}")
        return " ".join(words)

    def test(self) -> Test:
        source, destination = (self.ranges.get(name, _ALL) for name in PORT_OPTIONS)
        if source == _ALL and not destination[2]:
            return _destination_test(self.header_size, destination[0], destination[1])
        return _ports_test(self.header_size, source, destination)


def _destination_test(size: int, low: int, high: int) -> Callable[[HookState], bool]:
    """The common case, ``--dport N``, by itself."""

    def test(state: HookState) -> bool:
        ports = ports_of(state.skb, size)
        return ports is not None and low <= ports[1] <= high

    return test


def _ports_test(size: int, source: Range, destination: Range) -> Callable[[HookState], bool]:
    def test(state: HookState) -> bool:
        ports = ports_of(state.skb, size)
        return ports is not None and all(
            (low <= port <= high) != inverted
            for port, (low, high, inverted) in zip(ports, (source, destination), strict=True)
        )

    return test
