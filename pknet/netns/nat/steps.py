"""What NAT did to a packet without asking a rule, for the trace.

The first packet of a connection is translated by a rule, and the rule tells of it.
"""

from __future__ import annotations

from pknet.netns.conntrack.connection import Connection
from pknet.trace import Step


class NatStep(Step):
    """``words``: ``DNAT 172.30.0.1:80 -> 10.1.2.1:8080``; ``chain`` decided on it, long ago."""

    __slots__ = ("chain", "connection", "hook", "words")

    def __init__(self, hook: str, words: str, connection: Connection, chain: str) -> None:
        self.hook = hook
        self.words = words
        self.connection = connection
        self.chain = chain

    @property
    def subjects(self) -> tuple[object, ...]:
        """The connection, which remembers."""
        return (self.connection,)

    @property
    def rewrite(self) -> str:
        """What changed."""
        return self.words

    def __str__(self) -> str:
        by = f"by {self.chain}" if self.chain else "as its port was taken"
        return f"{self.hook} nat : {self.words} (connection #{self.connection.number}, {by})"
