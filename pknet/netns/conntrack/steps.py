"""What connection tracking found, for the trace."""

from __future__ import annotations

from pknet.netns.conntrack.connection import Connection, direction_of
from pknet.trace import Step


class ConntrackStep(Step):
    """The packet stands in ``state``, as rules name it, to ``connection``."""

    __slots__ = ("connection", "ctinfo", "hook", "state")
    detail = True

    def __init__(self, hook: str, state: str, connection: Connection, ctinfo: int) -> None:
        self.hook = hook
        self.state = state
        self.connection = connection
        self.ctinfo = ctinfo

    @property
    def subjects(self) -> tuple[object, ...]:
        """The connection."""
        return (self.connection,)

    def __str__(self) -> str:
        ct = self.connection
        side = direction_of(self.ctinfo).name.lower()
        return f"{self.hook} conntrack : {self.state}, {side} side of connection #{ct.number}"


class InvalidStep(Step):
    """The packet belongs to no connection."""

    __slots__ = ("hook", "why")
    detail = True

    def __init__(self, hook: str, why: str) -> None:
        self.hook = hook
        self.why = why

    def __str__(self) -> str:
        return f"{self.hook} conntrack : INVALID, {self.why}"
