"""What DNAT, SNAT, MASQUERADE and REDIRECT share (Linux: net/netfilter/xt_nat.c).

Law: a NAT target decides for a connection, on its first packet; the connection table does the
rest.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import (
    Act,
    Ending,
    Option,
    Outcome,
    Path,
    Setting,
    Target,
    options,
)
from pknet.netns.netfilter.host import Bound, Host, Manip, NatRange
from pknet.netns.netfilter.protocols import DCCP, ICMP, SCTP, TCP, UDP
from pknet.netns.netfilter.targets.nat_range import ports, ports_text, range_text, read_range
from pknet.trace import Dropped, DropReason

_PORTED = {4: (TCP, UDP, SCTP, DCCP, ICMP), 6: (TCP, UDP, SCTP, DCCP)}
_FLAGS = ("--random", "--random-fully", "--persistent")


def flags(*names: str) -> dict[str, Option]:
    """How to choose; each a word alone."""
    return options(names, Option(words=0))


class NatTarget(Target):
    """Flags, a range, and where the target may stand."""

    needs_conntrack = True
    chains: ClassVar[frozenset[str]]
    manip: ClassVar[Manip]
    to: ClassVar[str]  # the option that says where to

    def __init__(self, family: int) -> None:
        super().__init__(family)
        self.range = NatRange()

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        if name == "--to-ports":
            low, high = ports(values[0])
            self.range = NatRange(0, 0, low, high)
        elif name == self.to:
            self.range = read_range(values[0], self.family)

    def complete(self) -> None:
        super().complete()
        random, random_fully, persistent = (name in self.given for name in _FLAGS)
        self.range = replace(
            self.range, random=random, random_fully=random_fully, persistent=persistent
        )

    def check(self, setting: Setting) -> None:
        if setting.table != "nat":
            raise ValueError(f"{self.name} is only valid in the nat table")
        wrong = setting.hooks - self.chains
        if wrong:
            allowed = " and ".join(sorted(self.chains))
            raise ValueError(f"{self.name} is only valid in {allowed}, not in {min(wrong)}")
        if self.range.min_port and setting.protocol not in _PORTED[self.family]:
            raise ValueError(f"{self.name}: a port needs -p tcp, udp, sctp or dccp")

    def save(self) -> str:
        words = []
        if self.to == "--to-ports" and self.range.min_port:
            words.append(f"{self.to} {ports_text(self.range.min_port, self.range.max_port)}")
        elif self.to != "--to-ports":
            words.append(f"{self.to} {range_text(self.range, self.family)}")
        return " ".join([*words, *(flag for flag in _FLAGS if flag in self.given)])

    def bind(self, host: Host, state: HookState, wanted: NatRange, path: Path) -> Bound | None:
        """Ask the connection table for it; None: the packet has no connection."""
        return host.nat(state, self.manip, wanted, str(path))

    @abstractmethod
    def choose(self, host: Host) -> Callable[[HookState], NatRange | None]:
        """What to bind a packet's connection to; None: there is no address to take."""

    def compile(self, host: Host) -> Act:
        choose = self.choose(host)

        def act(state: HookState, path: Path) -> Outcome:
            wanted = choose(state)
            if wanted is None:
                text = f"{self.name} by {path} found no address to take"
                return Outcome(Ending.STOP, text, Dropped(DropReason.NETFILTER_DROP, text))
            bound = self.bind(host, state, wanted, path)
            if bound is None:
                return Outcome(Ending.STOP, f"{self.name}: there is no connection to translate")
            return Outcome(Ending.STOP, bound.words, rewrites=bound.changes)

        return act


class RangeTarget(NatTarget):
    """A target that says where to: DNAT, SNAT."""

    def choose(self, host: Host) -> Callable[[HookState], NatRange | None]:
        """Always the same."""
        wanted = self.range
        return lambda state: wanted


class OwnAddressTarget(NatTarget):
    """A target that takes an address of this host: MASQUERADE, REDIRECT."""

    to = "--to-ports"

    @abstractmethod
    def address(self, host: Host, state: HookState) -> int:
        """The address; 0: none."""

    def choose(self, host: Host) -> Callable[[HookState], NatRange | None]:
        """The address of the moment."""

        def choose(state: HookState) -> NatRange | None:
            address = self.address(host, state)
            return replace(self.range, min_ip=address, max_ip=address) if address else None

        return choose
