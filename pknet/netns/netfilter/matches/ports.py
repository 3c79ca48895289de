"""What tcp, udp and sctp share: a source and a destination port range.

Law: a later fragment has no ports, and matches no port rule (Linux: tcp_mt, udp_mt).
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.skb import Skb
from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Match, Setting, Test, negation
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.numbers import PROTOCOLS, port_range, port_range_text

Range = tuple[int, int, bool]  # low, high, inverted


def ports_of(skb: Skb) -> tuple[int, int] | None:
    """Source and destination port of the packet; None where it has none to read."""
    header = skb.ip
    if header.offset:
        return None
    start = header.header_length
    data = skb.network[start : start + 4]
    if len(data) < 4:
        return None
    return int.from_bytes(data[:2], "big"), int.from_bytes(data[2:], "big")


class PortMatch(Match):
    """``--sport`` and ``--dport``."""

    protocol: str

    def __init__(self) -> None:
        self.source: Range | None = None
        self.destination: Range | None = None

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        low, high = port_range(values[0])
        if name in ("--sport", "--source-port"):
            self.source = (low, high, inverted)
        else:
            self.destination = (low, high, inverted)

    def check(self, setting: Setting) -> None:
        if setting.protocol != PROTOCOLS[self.protocol] or setting.protocol_inverted:
            raise ValueError(f"-m {self.name} needs -p {self.protocol}")

    def save(self) -> str:
        words = []
        for name, wanted in (("--sport", self.source), ("--dport", self.destination)):
            if wanted is not None:
                low, high, inverted = wanted
                words.append(f"{negation(inverted)}{name} {port_range_text(low, high)}")
        return " ".join(words)

    def compile(self, host: Host) -> Test:
        source, destination = self.source, self.destination
        if source is None and destination is None:
            return lambda state: ports_of(state.skb) is not None
        if source is None and destination is not None and not destination[2]:
            return _destination_test(destination[0], destination[1])

        def test(state: HookState) -> bool:
            ports = ports_of(state.skb)
            if ports is None:
                return False
            return all(
                wanted is None or (wanted[0] <= port <= wanted[1]) != wanted[2]
                for port, wanted in ((ports[0], source), (ports[1], destination))
            )

        return test


def _destination_test(low: int, high: int) -> Callable[[HookState], bool]:
    """The common case, ``--dport N``, by itself."""

    def test(state: HookState) -> bool:
        ports = ports_of(state.skb)
        return ports is not None and low <= ports[1] <= high

    return test
