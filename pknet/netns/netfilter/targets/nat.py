"""What DNAT, SNAT, MASQUERADE and REDIRECT share (Linux: net/netfilter/xt_nat.c).

Law: a NAT target decides for a connection, on its first packet; the connection table does the
rest.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Act, Ending, Outcome, Setting, Target
from pknet.netns.netfilter.host import Bound, Host, Manip, NatRange
from pknet.netns.netfilter.numbers import port
from pknet.trace import Dropped, DropReason
from pknet.wire.address import ip_int, ip_text

_PORTED = frozenset({6, 17, 132, 136, 33})  # TCP, UDP, SCTP, UDP-Lite, DCCP


def ports(text: str) -> tuple[int, int]:
    """``8080`` or ``8080-8090``. Raises ValueError."""
    low, dash, high = text.partition("-")
    first, last = port(low), port(high) if dash else port(low)
    if first > last or not first:
        raise ValueError(f"Port range {text!r} is funky: 1 to 65535, the smaller first")
    return first, last


def ports_text(low: int, high: int) -> str:
    """The same, printed."""
    return str(low) if low == high else f"{low}-{high}"


class NatTarget(Target):
    """Flags, and where the target may stand."""

    needs_conntrack = True
    chains: frozenset[str]
    manip: Manip

    def __init__(self) -> None:
        self.min_ip = self.max_ip = self.min_port = self.max_port = 0
        self.flags: set[str] = set()
        self.family = 4

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        self.once(inverted, allowed=False)
        if name in ("--random", "--random-fully", "--persistent"):
            self.flags.add(name)
        elif name == "--to-ports":
            self.min_port, self.max_port = ports(values[0])
        else:
            self._to(values[0])

    def _to(self, text: str) -> None:
        """``10.0.0.1-10.0.0.9:80-90``; either half may be missing."""
        if text.startswith("["):
            self._to6(text)
            return
        addresses, colon, port_text = text.partition(":")
        if colon:
            self.min_port, self.max_port = ports(port_text)
        if addresses:
            low, dash, high = addresses.partition("-")
            self.min_ip = ip_int(low)
            self.max_ip = ip_int(high) if dash else self.min_ip
            if self.min_ip > self.max_ip:
                raise ValueError(f"{addresses!r}: the smaller address comes first")
        if not addresses and not colon:
            raise ValueError("an address or a port is needed")

    def _to6(self, text: str) -> None:
        """``[fd00::1]:80``: parsed and printed, not walked."""
        address, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"{text!r} is no target such as [fd00::1]:80")
        self.min_ip = self.max_ip = int(IPv6Address(address))
        self.family = 6
        if rest:
            self.min_port, self.max_port = ports(rest[1:])

    def check(self, setting: Setting) -> None:
        if setting.table != "nat":
            raise ValueError(f"{self.name} is only valid in the nat table")
        wrong = setting.hooks - self.chains
        if wrong:
            allowed = " and ".join(sorted(self.chains))
            raise ValueError(f"{self.name} is only valid in {allowed}, not in {min(wrong)}")
        if self.min_port and (setting.protocol not in _PORTED or setting.protocol_inverted):
            raise ValueError("Need TCP, UDP, SCTP or DCCP with port specification")

    def flag_words(self, *order: str) -> list[str]:
        """Those flags that are set, in the order of iptables-save."""
        return [flag for flag in order if flag in self.flags]

    def to_text(self) -> str:
        """``10.0.0.1:80``."""
        if self.family == 6:
            text = f"[{IPv6Address(self.min_ip)}]"
            return text + (f":{ports_text(self.min_port, self.max_port)}" if self.min_port else "")
        text = ip_text(self.min_ip) if self.min_ip else ""
        if self.max_ip != self.min_ip:
            text += f"-{ip_text(self.max_ip)}"
        return text + (f":{ports_text(self.min_port, self.max_port)}" if self.min_port else "")

    def wanted(self, low: int, high: int) -> NatRange:
        """The range with these addresses."""
        return NatRange(
            low, high, self.min_port, self.max_port, "--random" in self.flags,
            "--random-fully" in self.flags, "--persistent" in self.flags,
        )  # fmt: skip

    def bind(
        self, host: Host, state: HookState, wanted: NatRange, path: str
    ) -> Bound | None:
        """Ask the connection table for it."""
        return host.nat(state, self.manip, wanted, path)

    def act_with(self, host: Host, choose: Callable[[HookState], NatRange | None]) -> Act:
        """Bind the connection to what ``choose`` gives; None: there is no address to take."""

        def act(state: HookState, path: str) -> Outcome:
            wanted = choose(state)
            bound = None if wanted is None else self.bind(host, state, wanted, path)
            if bound is None:
                text = f"{self.name} by {path} found no address to take"
                return Outcome(Ending.ACCEPT, self.name, Dropped(DropReason.NETFILTER_DROP, text))
            return Outcome(Ending.ACCEPT, bound.words, rewrite=bound.changes)

        return act

    def compile(self, host: Host) -> Act:
        fixed = self.wanted(self.min_ip, self.max_ip)
        return self.act_with(host, lambda state: fixed)
