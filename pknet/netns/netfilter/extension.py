"""What every match and target is.

Law: one class in one file. It says which options it takes, checks them, prints itself as
iptables-save does, and compiles to a plain callable: no string is looked at while a packet
walks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from pknet.netns.hook import HookState
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.ipset import IpSet
from pknet.trace import Verdict

Test = Callable[[HookState], bool]


class Hotdrop(Exception):  # noqa: N818
    """A match met a packet that is cut short: it ends there (Linux: xt_action_param.hotdrop)."""


@dataclass(frozen=True, slots=True)
class Option:
    """What one option may do (libxtables: struct xt_option_entry)."""

    words: int = 1
    invertible: bool = False
    required: bool = False
    excludes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


def options(names: Iterable[str], like: Option) -> dict[str, Option]:
    """Several options that are alike."""
    return dict.fromkeys(names, like)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a rule stands: what its matches and target may take for granted."""

    table: str
    chain: str
    protocol: int  # 0: any
    protocol_inverted: bool
    sets: Mapping[str, IpSet]
    hooks: frozenset[str]  # built-in chains from which it can be reached


class Extension(ABC):
    """A match or a target, of one address family (4 or 6)."""

    name: ClassVar[str]
    families: ClassVar[tuple[int, ...]] = (4, 6)
    options: ClassVar[Mapping[str, Option]] = {}
    #: Other spellings of options.
    aliases: ClassVar[Mapping[str, str]] = {}

    def __init__(self, family: int) -> None:
        self.family = family
        self.given: set[str] = set()

    @classmethod
    def words_of(cls, name: str) -> int | None:
        """How many words the option takes; None: there is no such option."""
        option = cls.options.get(cls.aliases.get(name, name))
        return None if option is None else option.words

    @classmethod
    def spellings(cls) -> list[str]:
        """Its options, as they may be spelled."""
        return [*cls.options, *cls.aliases]

    def take(self, name: str, values: list[str], inverted: bool) -> None:
        """Read an option. Raises ValueError in words (libxtables: xtables_option_parse)."""
        name = self.aliases.get(name, name)
        option = self.options[name]
        if name in self.given:
            raise ValueError(f"{self.name}: option {name!r} can only be used once")
        if inverted and not option.invertible:
            raise ValueError(f"{self.name}: option {name!r} cannot be inverted")
        for other in option.excludes:
            if other in self.given:
                raise ValueError(f"{self.name}: {name!r} cannot be used together with {other!r}")
        self.given.add(name)
        self.option(name, values, inverted)

    def complete(self) -> None:
        """All options are in: none may be missing. Raises ValueError."""
        for name, option in self.options.items():
            if option.required and name not in self.given:
                raise ValueError(f"{self.name}: option {name!r} must be specified")
            for other in option.needs:
                if name in self.given and other not in self.given:
                    raise ValueError(f"{self.name}: option {name!r} also requires {other!r}")

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        """Keep what an option says. Raises ValueError in words."""
        raise NotImplementedError(f"{self.name} takes no option, and lists {name!r}")

    def check(self, setting: Setting) -> None:  # noqa: B027
        """Raises ValueError for what the kernel would refuse where the rule stands."""

    def save(self) -> str:
        """The options as iptables-save prints them."""
        return ""


class Match(Extension):
    """Says yes or no."""

    #: True where connection tracking must run for it.
    needs_conntrack: ClassVar[bool] = False

    @abstractmethod
    def compile(self, host: Host) -> Test | None:
        """The test; None: it always holds. The test may raise Hotdrop."""

    def again(self) -> Test | None:
        """A test that gives the same answer at any later time, from the packet's bytes alone.

        None: there is none, since the answer depends on what the namespace held at that time.
        """
        return None


class PacketMatch(Match):
    """Looks at nothing but the bytes of the packet, so that it can be asked at any time."""

    @abstractmethod
    def test(self) -> Test:
        """The test. It may raise Hotdrop."""

    def compile(self, host: Host) -> Test:
        return self.test()

    def again(self) -> Test:
        return self.test()


class Ending(Enum):
    """What a target says of the rest of the walk (Linux: NF_ACCEPT or NF_DROP, XT_CONTINUE, …)."""

    STOP = "stop"
    CONTINUE = "continue"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a target did. With STOP, ``verdict`` ends the packet; None: the table accepts it."""

    ending: Ending
    words: str = ""
    verdict: Verdict | None = None
    rewrites: bool = False


class Path(ABC):
    """The rules that led to a target; its text is made when someone reads it."""

    @abstractmethod
    def __str__(self) -> str:
        """``nat KUBE-SERVICES > KUBE-SVC-…``."""

    @property
    @abstractmethod
    def rule_text(self) -> str:
        """The rule that decided, as iptables-save prints it."""


Act = Callable[[HookState, Path], Outcome]


class Target(Extension):
    """Does something. The callable gets the packet and the path of rules that led to it."""

    needs_conntrack: ClassVar[bool] = False

    @abstractmethod
    def compile(self, host: Host) -> Act:
        """The deed."""


def negation(inverted: bool) -> str:
    """``"! "`` or nothing."""
    return "! " if inverted else ""
