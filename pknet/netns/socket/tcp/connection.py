"""A control block on a network: its addresses, its timer, its IP ids.

Law: whatever the block wants to send leaves at +0, in order; whoever owns the connection hears
of every change in an event of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.netns.route import Path
from pknet.netns.socket.network import Network
from pknet.netns.socket.tcp.block import Block
from pknet.netns.socket.tcp.segment import Segment
from pknet.netns.socket.tcp.state import State
from pknet.sim import Timer
from pknet.sim.clock import MICROSECOND
from pknet.wire import ipv4
from pknet.wire.tcp import ACK, RST, SYN

Key = tuple[int, int, int, int]  # local address and port, the peer's

TTL = "net.ipv4.ip_default_ttl"
WAKE_UP = 100 * MICROSECOND  # until a program runs that waited for its socket (order of magnitude)


class Connection:
    """One connection of one namespace. ``changed`` is called when there may be news."""

    def __init__(
        self, network: Network, key: Key, block: Block, ident: int, gone: Callable[[Key], None]
    ) -> None:
        self.network = network
        self.key = key
        self.block = block
        self.changed: Callable[[], None] = _nobody
        self._ident = ident
        self._gone = gone
        self._timer: Timer | None = None
        self._told = False

    def connect(self) -> None:
        """Open actively."""
        self.block.connect(self.network.clock.now)
        self._flush()

    def accept(self, syn: Segment) -> None:
        """Open for a peer."""
        self.block.accept(self.network.clock.now, syn)
        self._flush()

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self.block.write(self.network.clock.now, data)
        self._flush()

    def close(self) -> None:
        """Send no more."""
        self.block.close(self.network.clock.now)
        self._flush()

    def deliver(self, segment: Segment) -> None:
        """The peer sent something."""
        self.block.segment(self.network.clock.now, segment)
        self._flush()

    def shrink(self, mtu: int) -> None:
        """Packets on this path may have ``mtu`` bytes."""
        self.block.shrink(self.network.clock.now, mtu - 40)
        self._flush()

    def fail(self, error: str) -> None:
        """End it without a word to the peer."""
        self.block.fail(error)
        self._flush()

    def _flush(self) -> None:
        for segment in self.block.out:
            self._send(segment)
        self.block.out.clear()
        self._set_timer()
        if self.block.state is State.CLOSED:
            self._gone(self.key)
        if not self._told:
            self._told = True
            self.network.clock.after(WAKE_UP, self._tell)

    def _tell(self) -> None:
        self._told = False
        self.changed()

    def _send(self, segment: Segment) -> None:
        address, port, peer, peer_port = self.key
        path = self.network.routing.output(peer, address)
        if not isinstance(path, Path):
            return  # the way is gone for now: the timer tries again
        plain = not segment.flags & RST and segment.flags & (SYN | ACK) != SYN | ACK
        self.network.originate(
            path, ipv4.TCP, address, peer, segment.emit(address, peer, port, peer_port),
            ident=self._next_ident() if plain else 0, df=True,
            ttl=self.network.sysctls.integer(TTL), tos=0,
        )  # fmt: skip

    def _next_ident(self) -> int:
        """Per connection, from a random start; never 0 (Linux: inet_id)."""
        self._ident = self._ident % 0xFFFF + 1
        return self._ident

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due = self.block.deadline
        self._timer = None if due is None else self.network.clock.at(due, self._timeout)

    def _timeout(self) -> None:
        self.block.timeout(self.network.clock.now)
        self._flush()


def _nobody() -> None:
    """Nobody listens for changes."""
