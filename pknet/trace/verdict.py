"""How a visit ended.

Law: no silent loss. Whatever handles a packet returns one of these, so a forgotten drop is a
type error and not a missing line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pknet.trace.reason import DropReason


@dataclass(frozen=True, slots=True)
class Sent:
    """It left by an interface."""

    interface: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """This node took it in; ``to`` says what did: a socket, ICMP, ARP."""

    to: str


@dataclass(frozen=True, slots=True)
class Held:
    """It waits: for a neighbour's address, or for its other fragments."""

    why: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """It died here."""

    reason: DropReason
    detail: str = ""

    @property
    def text(self) -> str:
        """The detail, or else the reason's own sentence."""
        return self.detail or self.reason.value


@dataclass(frozen=True, slots=True)
class Forked:
    """It was copied: flooded, or flooded and delivered as well."""

    verdicts: tuple[Verdict, ...]


Verdict = Sent | Delivered | Held | Dropped | Forked


def forked(verdicts: Sequence[Verdict]) -> Verdict:
    """The one verdict of several copies; a single copy is no fork. Needs at least one."""
    return verdicts[0] if len(verdicts) == 1 else Forked(tuple(verdicts))


def copies(verdict: Verdict | None) -> Iterator[Verdict]:
    """How each copy ended, in order; of a packet that was not copied, its one verdict."""
    if isinstance(verdict, Forked):
        for part in verdict.verdicts:
            yield from copies(part)
    elif verdict is not None:
        yield verdict
