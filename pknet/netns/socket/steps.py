"""What a socket adds to the record of a packet."""

from __future__ import annotations

from pknet.netns.socket.tcp.state import State
from pknet.trace import Step


class TcpStep(Step):
    """A segment moved a connection from one state to another."""

    __slots__ = ("after", "before", "socket")
    detail = True

    def __init__(self, socket: str, before: State, after: State) -> None:
        self.socket = socket
        self.before = before
        self.after = after

    def __str__(self) -> str:
        return f"TCP {self.socket} {self.before.value} -> {self.after.value}"
