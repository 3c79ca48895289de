"""What every match and target is.

Law: one class in one file. It says which options it takes, checks them, prints itself as
iptables-save does, and compiles to a plain callable: no string is looked at while a packet
walks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from pknet.netns.hook import HookState
from pknet.netns.netfilter.host import Host
from pknet.trace import Verdict

Test = Callable[[HookState], bool]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a rule stands: what its matches and target may take for granted."""

    table: str
    chain: str
    protocol: int  # 0: any
    protocol_inverted: bool
    family: int
    sets: frozenset[str] = frozenset()
    hooks: frozenset[str] = frozenset()  # built-in chains from which it can be reached


class Extension(ABC):
    """A match or a target."""

    name: ClassVar[str]
    #: Option to the number of words it takes.
    options: ClassVar[dict[str, int]] = {}

    @abstractmethod
    def option(self, name: str, values: list[str], inverted: bool) -> None:
        """Take an option. Raises ValueError in words."""

    def check(self, setting: Setting) -> None:  # noqa: B027
        """All options are in. Raises ValueError for what the kernel would refuse."""

    def save(self) -> str:
        """The options as iptables-save prints them."""
        return ""

    def once(self, inverted: bool, allowed: bool = True) -> None:
        """Refuse ``!`` where an option takes none."""
        if inverted and not allowed:
            raise ValueError("'!' is not allowed here")


class Match(Extension):
    """Says yes or no."""

    #: True where connection tracking must run for it.
    needs_conntrack: ClassVar[bool] = False

    @abstractmethod
    def compile(self, host: Host) -> Test:
        """The test."""


class Ending(Enum):
    """What a target says of the rest of the walk (Linux: NF_ACCEPT, XT_CONTINUE, XT_RETURN)."""

    ACCEPT = "ACCEPT"
    CONTINUE = "CONTINUE"
    RETURN = "RETURN"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a target did. ``verdict`` ends the packet; ``words`` tell of it."""

    ending: Ending
    words: str = ""
    verdict: Verdict | None = None
    rewrite: bool = False


Act = Callable[[HookState, str], Outcome]


class Target(Extension):
    """Does something. The callable gets the packet and the chain path that led to it."""

    needs_conntrack: ClassVar[bool] = False

    @abstractmethod
    def compile(self, host: Host) -> Act:
        """The deed."""


def negation(inverted: bool) -> str:
    """``"! "`` or nothing."""
    return "! " if inverted else ""
