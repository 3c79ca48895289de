"""Who is to reach what, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Literal

from pknet.topology.place import Place

Protocol = Literal["ping", "tcp", "udp"]


@dataclass(frozen=True, slots=True)
class Target:
    """What can be reached; ``owner`` is the host that listens there, which is not asked itself."""

    name: str
    protocol: Protocol
    address: IPv4Address
    port: int = 0  # of a ping: 0
    owner: str | None = None

    @property
    def where(self) -> str:
        """``172.30.0.1:80/tcp``; of a ping the bare address."""
        return f"{self.address}:{self.port}/{self.protocol}" if self.port else str(self.address)

    @property
    def label(self) -> str:
        """The name, and where that is, if the name does not say so."""
        told = self.owner is not None or self.name.endswith(self.where)
        return self.name if told else f"{self.name} {self.where}"


@dataclass(frozen=True, slots=True)
class Unreached:
    """``None`` stands for each."""

    place: Place
    source: str | None
    target: str | None


@dataclass(frozen=True, slots=True)
class MatrixSpec:
    """What the file says; ``sources`` and ``targets`` None where it leaves them open."""

    place: Place
    sources: tuple[str, ...] | None = None
    targets: tuple[Target, ...] | None = None
    unreached: tuple[Unreached, ...] = ()
