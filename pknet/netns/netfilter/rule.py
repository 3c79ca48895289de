"""One rule: what it matches, where it leads, and how it is printed.

Law: a rule is compiled once; walking it looks at integers and calls callables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Act, Match, Target, Test, negation
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.numbers import (
    network6,
    network6_text,
    network_text,
    protocol_text,
)


def name_test(wanted: str) -> Callable[[str], bool]:
    """A device's name, or a prefix of it that ends in ``+``."""
    if wanted.endswith("+"):
        prefix = wanted[:-1]
        return lambda name: name.startswith(prefix)
    return lambda name: name == wanted


@dataclass(slots=True)
class Header:
    """What a rule asks of the IP header and the devices; ``None``: nothing.

    Networks are (address, mask, inverted), names (text, inverted).
    """

    source: tuple[int, int, bool] | None = None
    destination: tuple[int, int, bool] | None = None
    source6: tuple[str, bool] | None = None
    destination6: tuple[str, bool] | None = None
    indev: tuple[str, bool] | None = None
    outdev: tuple[str, bool] | None = None
    protocol: tuple[int, bool] | None = None
    fragment: bool | None = None  # True: -f, False: ! -f

    def save(self) -> list[str]:
        """In iptables-save's order (print_ipv4_rule, save_rule_details)."""
        words = []
        for option, net in (("-s", self.source), ("-d", self.destination)):
            if net is not None:
                words.append(f"{negation(net[2])}{option} {network_text(net[0], net[1])}")
        for option, net6 in (("-s", self.source6), ("-d", self.destination6)):
            if net6 is not None:
                text = network6_text(network6(net6[0]))
                words.append(f"{negation(net6[1])}{option} {text}")
        for option, name in (("-i", self.indev), ("-o", self.outdev)):
            if name is not None:
                words.append(f"{negation(name[1])}{option} {name[0]}")
        if self.protocol is not None:
            number, inverted = self.protocol
            words.append(f"{negation(inverted)}-p {protocol_text(number)}")
        if self.fragment is not None:
            words.append("-f" if self.fragment else "! -f")
        return words

    def tests(self) -> list[Test]:
        """One callable for each thing asked."""
        tests: list[Test] = []
        if self.protocol is not None:
            tests.append(_protocol_test(*self.protocol))
        if self.destination is not None:
            tests.append(_destination_test(*self.destination))
        if self.source is not None:
            tests.append(_source_test(*self.source))
        for name, side in ((self.indev, "indev"), (self.outdev, "outdev")):
            if name is not None:
                tests.append(_device_test(name_test(name[0]), name[1], side))
        if self.fragment is not None:
            wanted = self.fragment
            tests.append(lambda state: bool(state.skb.ip.offset) == wanted)
        return tests


def _protocol_test(number: int, inverted: bool) -> Test:
    if number == 0:
        return lambda state: not inverted
    return lambda state: (state.skb.ip.protocol == number) != inverted


def _source_test(address: int, mask: int, inverted: bool) -> Test:
    return lambda state: (state.skb.ip.src & mask == address) != inverted


def _destination_test(address: int, mask: int, inverted: bool) -> Test:
    return lambda state: (state.skb.ip.dst & mask == address) != inverted


def _device_test(same: Callable[[str], bool], inverted: bool, side: str) -> Test:
    def test(state: HookState) -> bool:
        device = getattr(state, side)
        return same(device.name if device is not None else "") != inverted

    return test


@dataclass(eq=False, slots=True)
class Rule:
    """A line of a chain. ``jump`` names a chain; ``goto``: it does not come back.

    ``packets`` and ``bytes`` count what matched. ``line`` is where the text has it.
    """

    chain: str
    header: Header = field(default_factory=Header)
    matches: list[Match] = field(default_factory=list)
    target: Target | None = None
    jump: str | None = None
    goto: bool = False
    packets: int = 0
    bytes: int = 0
    line: int = 0
    tests: tuple[Test, ...] = ()
    act: Act | None = None

    def compile(self, host: Host) -> None:
        """Make the callables."""
        self.tests = (*self.header.tests(), *(m.compile(host) for m in self.matches))
        self.act = self.target.compile(host) if self.target is not None else None

    def matched(self, state: HookState) -> bool:
        """True where everything the rule asks for holds; later tests are not asked in vain."""
        return all(test(state) for test in self.tests)

    def save(self) -> str:
        """As iptables-save prints it, without counters."""
        words = [f"-A {self.chain}", *self.header.save()]
        words += [f"-m {m.name} {m.save()}".rstrip() for m in self.matches]
        if self.target is not None:
            words.append(f"-j {self.target.name} {self.target.save()}".rstrip())
        elif self.jump is not None:
            words.append(f"{'-g' if self.goto else '-j'} {self.jump}")
        return " ".join(words)

    def __str__(self) -> str:
        return self.save()
