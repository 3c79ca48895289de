"""A rule: what it matches, where it leads, and how it is printed; and a chain of them.

Law: a rule is compiled once; walking it compares integers and calls callables.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pknet.netns.netfilter.extension import Act, Match, Target, Test
from pknet.netns.netfilter.header import Header, Net
from pknet.netns.netfilter.host import Host


@dataclass(eq=False, slots=True)
class Rule:
    """A line of a chain. ``jump`` names a chain; ``goto``: it does not come back.

    ``packets`` and ``bytes`` count what matched; ``line`` is where the text has it. What
    ``compile`` makes: the two networks to compare, the tests after them, the deed.
    """

    chain: str
    header: Header
    matches: list[Match] = field(default_factory=list)
    target: Target | None = None
    jump: str | None = None
    goto: bool = False
    packets: int = 0
    bytes: int = 0
    line: int = 0
    source: int = 0
    source_mask: int = 0
    destination: int = 0
    destination_mask: int = 0
    tests: tuple[Test, ...] = ()
    act: Act | None = None
    compiled: bool = False

    def compile(self, host: Host) -> None:
        """Make the callables, once: what they have counted must not be lost."""
        if self.compiled:
            return
        self.source, self.source_mask = _plain(self.header.source)
        self.destination, self.destination_mask = _plain(self.header.destination)
        tests = (*self.header.tests(), *(match.compile(host) for match in self.matches))
        self.tests = tuple(test for test in tests if test is not None)
        self.act = self.target.compile(host) if self.target is not None else None
        self.compiled = True

    @property
    def needs_conntrack(self) -> bool:
        """True where a match or the target can do nothing without connection tracking."""
        asked = any(match.needs_conntrack for match in self.matches)
        return asked or (self.target is not None and self.target.needs_conntrack)

    def save(self) -> str:
        """As iptables-save prints it, without counters."""
        return " ".join([f"-A {self.chain}", *self.words()])

    def words(self) -> list[str]:
        """What the rule says, whatever chain it stands in."""
        words = self.header.save()
        words += [f"-m {match.name} {match.save()}".rstrip() for match in self.matches]
        if self.target is not None:
            words.append(f"-j {self.target.name} {self.target.save()}".rstrip())
        elif self.jump is not None:
            words.append(f"{'-g' if self.goto else '-j'} {self.jump}")
        return words

    def __str__(self) -> str:
        return self.save()


def _plain(net: Net | None) -> tuple[int, int]:
    """Address and mask; what is inverted has a test of its own, and nothing to compare here."""
    return (0, 0) if net is None or net.inverted else (net.address, net.mask)


@dataclass(eq=False, slots=True)
class Chain:
    """Rules in order. ``policy`` None: a chain of the user's own."""

    name: str
    policy: str | None = None
    packets: int = 0
    bytes: int = 0
    rules: list[Rule] = field(default_factory=list)
