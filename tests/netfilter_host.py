"""A namespace made of answers, for rules to be walked in."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from pknet.link.interface import Interface
from pknet.link.skb import Skb
from pknet.netns.hook import Hook, HookState
from pknet.netns.netfilter import Ruleset, parse
from pknet.netns.netfilter.consulted import TableStep
from pknet.netns.netfilter.host import Manip, NatRange
from pknet.netns.netfilter.ipset import IpSet
from pknet.netns.netfilter.recent_list import RecentList
from pknet.sim import Clock
from pknet.trace import Hop, Step, Verdict
from pknet.wire import icmp, ipv4, tcp, udp
from pknet.wire.address import ip_int

Ends = tuple[int, int, int, int]
NOWHERE: Ends = (-1, -1, -1, -1)


class Bound(NamedTuple):
    """What a connection was bound to."""

    words: str
    changes: bool = True


BOUND = Bound("DNAT 10.0.0.9:80 -> 10.1.2.1:8080")


@dataclass
class View:
    """A connection as a test wants it."""

    state: str = "NEW"
    statuses: frozenset[str] = frozenset()
    direction: str = "ORIGINAL"
    protocol: int = 6
    original: Ends = NOWHERE
    reply: Ends = NOWHERE
    expires: int = 0


NO_CONNECTION = View("INVALID", direction="", protocol=-1, expires=-1)


class _Owner:
    """The owner of interfaces that are only names."""

    name = "host"


def device(name: str) -> Interface:
    """A device that is only a name."""
    return Interface(_Owner(), name, bytes(6))  # type: ignore[arg-type]


@dataclass
class Host:
    """Implements netfilter.host.Host; what was asked for is kept."""

    clock: Clock = field(default_factory=Clock)
    chance: Random = field(default_factory=lambda: Random(1))
    recent: dict[str, RecentList] = field(default_factory=dict)
    sets: dict[str, IpSet] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    view: View = field(default_factory=View)
    local: frozenset[int] = frozenset({ip_int("10.0.0.1"), ip_int("127.0.0.1")})
    own_address: int = ip_int("192.168.0.1")
    bound: Bound | None = BOUND
    asked: list[object] = field(default_factory=list)

    def connection(self, state: HookState) -> View:
        return self.view

    def untrack(self, state: HookState) -> None:
        self.asked.append("untrack")

    def nat(self, state: HookState, manip: Manip, wanted: NatRange, chain: str) -> Bound | None:
        self.asked.append((manip, wanted, chain))
        return self.bound

    def masquerade(self, state: HookState, wanted: NatRange, chain: str) -> Bound | None:
        self.asked.append(("masquerade", wanted, chain))
        return self.bound

    def address_type(self, address: int, dev: str) -> str:
        self.asked.append((address, dev))
        if address >> 28 == 0xE:
            return "MULTICAST"
        if address & 0xFF == 0xFF:
            return "BROADCAST"
        return "LOCAL" if address in self.local or address >> 24 == 127 else "UNICAST"

    def primary_address(self, state: HookState) -> int:
        return self.own_address

    def redirect_address(self, state: HookState) -> int:
        return self.own_address

    def reject(self, state: HookState, kind: str) -> str:
        self.asked.append(kind)
        return "answered"


class Walker:
    """A ruleset in a host; packets are sent at one hook of one table."""

    def __init__(self, text: str, sets: str = "", host: Host | None = None) -> None:
        self.host = host or Host()
        self.rules: Ruleset = parse(text, sets)
        self.host.sets = self.rules.sets
        self.rules.compile(self.host)
        self.hop = Hop("host", 1, 0, lambda tap: None)

    def state(
        self, data: bytes, hook: Hook = Hook.INPUT, indev: str = "eth0", outdev: str = ""
    ) -> HookState:
        """``indev`` and ``outdev`` empty: none."""
        self.hop = Hop("host", 1, 0, lambda tap: None)
        arrived = device(indev) if indev else None
        skb = Skb(self.hop, arrived, bytes(12) + b"\x08\x00", data)
        return HookState(hook, skb, arrived, device(outdev) if outdev else None)

    def walk(self, state: HookState, table: str = "filter") -> Verdict | None:
        """None: it is accepted."""
        return self.rules.tables[table].walk(state)

    @property
    def decisions(self) -> list[Step]:
        """The steps of rules and policies, without what was consulted in vain."""
        return [step for step in self.hop.steps if not isinstance(step, TableStep)]

    def steps(self, detail: bool = True) -> list[str]:
        """What was told of the last packet."""
        return [str(step) for step in self.decisions if detail or not step.detail]


def verdict(rules: str, data: bytes, hook: Hook = Hook.INPUT, host: Host | None = None) -> bool:
    """True where ``rules`` of filter's U, reached from INPUT, accept; the policy is DROP."""
    body = "\n".join(f"-A INPUT {rule}" for rule in rules.splitlines())
    walker = Walker(f"*filter\n:INPUT DROP\n{body}\nCOMMIT\n", host=host)
    return walker.walk(walker.state(data, hook)) is None


# --- packets: ``src`` and ``dst`` are addresses


def tcp_packet(
    src: str = "10.0.0.8", dst: str = "10.0.0.9", sport: int = 40000, dport: int = 80,
    flags: int = 2, options: bytes = b"", ttl: int = 64,
) -> bytes:  # fmt: skip
    """A SYN, unless ``flags`` says more."""
    a, b = ip_int(src), ip_int(dst)
    data = tcp.build(a, b, sport, dport, 1, 0, flags, 1024, options)
    return ipv4.build(ipv4.TCP, a, b, data, ident=7, ttl=ttl)


def udp_packet(
    src: str = "10.0.0.8", dst: str = "10.0.0.9", sport: int = 40000, dport: int = 53,
    ttl: int = 64,
) -> bytes:  # fmt: skip
    """Five bytes of payload."""
    a, b = ip_int(src), ip_int(dst)
    return ipv4.build(ipv4.UDP, a, b, udp.build(a, b, sport, dport, b"hello"), ident=7, ttl=ttl)


def icmp_packet(
    kind: int = 8, code: int = 0, src: str = "10.0.0.8", dst: str = "10.0.0.9"
) -> bytes:  # fmt: skip
    """Eight bytes of payload."""
    data = icmp.build(kind, code, 0x00010002, b"abcdefgh")
    return ipv4.build(ipv4.ICMP, ip_int(src), ip_int(dst), data, ident=7)


def other_packet(
    protocol: int, payload: bytes = b"abcdefgh", fragment: int = 0,
    src: str = "10.0.0.8", dst: str = "10.0.0.9",
) -> bytes:  # fmt: skip
    """Anything; ``fragment`` is the flags-and-offset word."""
    return ipv4.build(protocol, ip_int(src), ip_int(dst), payload, ident=7, fragment=fragment)
