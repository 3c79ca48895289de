"""One end of a connection on a network: its addresses, its timer, its IP ids.

Law: what the machine wants to send leaves in order, no two segments at one instant. While a
system call sends, the socket is its own: what comes meanwhile waits until the call is done.

    segment -> [backlog] -> machine -> outgoing -> transmit       tcp_v4_rcv, release_sock
    call    -> machine -> outgoing -> transmit, a burst at a time      tcp_sendmsg
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from pknet.link.skb import Skb
from pknet.netns.route import Path
from pknet.netns.socket.icmp_error import IcmpError
from pknet.netns.socket.network import Network
from pknet.netns.socket.programs.results import IcmpFrom
from pknet.netns.socket.tcp.control_block import ControlBlock
from pknet.netns.socket.tcp.fate import Fate
from pknet.netns.socket.tcp.request import Request
from pknet.netns.socket.tcp.segment import Burst, Segment
from pknet.netns.socket.tcp.state import OPENING, State
from pknet.netns.socket.tcp.time_wait import TimeWait
from pknet.netns.socket.timing import SEND_COST, WAKE_UP
from pknet.sim import Timer
from pknet.wire import icmp, ipv4, tcp

Key = tuple[int, int, int, int]  # local address and port, the peer's
Machine = Request | ControlBlock | TimeWait

HEADERS = ipv4.MIN_HEADER + tcp.MIN_HEADER
TTL = "net.ipv4.ip_default_ttl"


#: What an embryonic connection ends by, and what makes an established one try again.
_NO_WAY = ("ENETUNREACH", "EHOSTUNREACH")


class Connection:
    """``changed`` is called, some time after, when there may be news for the user."""

    def __init__(
        self, network: Network, key: Key, machine: Machine, ident: int,
        reset: Callable[[Skb], object],
    ) -> None:  # fmt: skip
        self.network = network
        self.key = key
        self.machine = machine
        self.block = (
            machine if isinstance(machine, ControlBlock) else None
        )  # the user's, to its end
        self.icmp: IcmpFrom | None = None  # the last error message about it
        self.changed: Callable[[], None] = _nobody
        self.gone: Callable[[Connection], None] = lambda connection: None
        self.opened: Callable[[Connection], None] = lambda connection: None
        self._ident = ident
        self._reset = reset
        self._timer: Timer | None = None
        self._wake: Timer | None = None
        self._outlook: object = None  # what the user saw last
        self._free_at = 0  # the next segment may leave then
        self._backlog: deque[tuple[int, Skb, Segment]] = deque()
        self._owned = False  # by a system call (Linux: sock_owned_by_user)
        self._mtu = 0  # what a router said meanwhile
        self._next: list[Callable[[], None]] = []  # to be called when it is free again

    # --- the user

    def call(self, action: Callable[[ControlBlock, int], object]) -> None:
        """A system call on the socket, after the one before; nothing where it is past that."""
        self.when_free(lambda: self._call(action))

    def _call(self, action: Callable[[ControlBlock, int], object]) -> None:
        if self.block is not None and not self.block.over:
            action(self.block, self.network.clock.now)
            self._transmit_slowly()
            self._settle()

    def write(self, data: bytes) -> None:
        """Send ``data``."""
        self.call(lambda block, now: block.write(now, data))

    def when_free(self, action: Callable[[], None]) -> None:
        """Call ``action`` when the last system call is done, at once where it is."""
        self._next.append(action)
        if not self._owned:
            waiting, self._next = self._next, []
            for next_action in waiting:
                next_action()

    def read(self) -> bytes:
        """All that has come."""
        if self.block is None:
            return b""
        data = self.block.read(self.network.clock.now)
        self._transmit_slowly()
        self._settle()
        return data

    # --- the network

    def deliver(self, skb: Skb, segment: Segment) -> Fate:
        """A segment came."""
        if self._owned:
            self._postpone(skb, segment)
            return Fate.TAKEN
        fate = self.machine.segment(self.network.clock.now, segment)
        self._transmit()
        self._news()
        return fate

    def _postpone(self, skb: Skb, segment: Segment) -> None:
        """Keep it for later; of acknowledgements in a row the last says all (tcp_add_backlog)."""
        if self._backlog and segment.repeats(self._backlog[-1][2]):
            self._backlog.pop()
        self._backlog.append((self.network.clock.now, skb, segment))

    def hear(self, error: IcmpError) -> None:
        """An ICMP error about a segment of ours; it ends only what is not established yet."""
        self.icmp = error.told
        machine, now = self.machine, self.network.clock.now
        if isinstance(machine, Request):
            if error.errno in _NO_WAY:
                machine.forget()
        elif isinstance(machine, ControlBlock) and machine.knows(error.seq):
            if error.too_big and self._owned:
                self._mtu = error.mtu  # Linux: TCP_MTU_REDUCED_DEFERRED
            elif error.too_big:
                machine.limit_path(now, error.mtu - HEADERS)
            elif error.errno is not None and machine.state in OPENING:
                machine.fail(error.errno)
            elif (error.errno in _NO_WAY and not error.fatal and not self._owned) or error.no_way:
                machine.lose_way(now, error.seq)
        self._transmit()
        self._news()

    def believes(self, error: IcmpError) -> bool:
        """Whether what it says of the way counts; a redirect waits for no program (tcp_v4_err)."""
        on_its_way = isinstance(self.machine, ControlBlock) and self.machine.knows(error.seq)
        return on_its_way and not (error.kind == icmp.REDIRECT and self._owned)

    def start(self) -> None:
        """Send what the machine has to say of itself."""
        self._transmit()
        self._settle()

    def _timeout(self) -> None:
        self._timer = None
        self.when_free(self._timed_out)

    def _timed_out(self) -> None:
        self.machine.timeout(self.network.clock.now)
        self._transmit()
        self._news()

    # --- what leaves

    def _take_outgoing(self) -> list[Burst]:
        bursts, self.machine.outgoing = self.machine.outgoing, []
        return bursts

    def _transmit(self) -> None:
        """At once: nobody else's turn comes between (Linux: in softirq)."""
        for burst in self._take_outgoing():
            self._send(burst, 0)

    def _transmit_slowly(self) -> None:
        """From a system call: a burst has gone all its way before the next leaves."""
        bursts = self._take_outgoing()
        for index, burst in enumerate(bursts):
            self._send(burst, index * SEND_COST)
        if bursts:
            self._owned = True
            self.network.clock.after(len(bursts) * SEND_COST, self._release)

    def _release(self) -> None:
        """The call is done: what came meanwhile has its turn (Linux: __release_sock).

        It counts as of when it came: what a call takes is no part of the round trip.
        """
        block = self.block
        if block is not None:
            block.receiver.hold()
        while self._backlog and not self.machine.outgoing:
            came, skb, segment = self._backlog.popleft()
            if self.machine.segment(came, segment) is Fate.REFUSED:
                self._reset(skb)
        self._owned = False
        self._transmit_slowly()
        if not self._owned and block is not None and not block.over:
            self._let_go(block)
        self._news()
        self.when_free(lambda: None)

    def _let_go(self, block: ControlBlock) -> None:
        """What was put off until the call is done (Linux: tcp_release_cb)."""
        now = self.network.clock.now
        block.receiver.release(now)
        if self._mtu:
            block.limit_path(now, self._mtu - HEADERS)
            self._mtu = 0
        self._transmit()

    def _send(self, burst: Burst, delay: int) -> None:
        clock = self.network.clock
        for segment in burst:
            self._free_at = max(self._free_at, clock.now + delay)
            ident = self._next_ident() if self.machine.own_idents else 0
            clock.at(self._free_at, self._originate, segment, ident)
            self._free_at += 1

    def _next_ident(self) -> int:
        """Counted for each connection, from a random start (Linux: inet_id)."""
        ident, self._ident = self._ident, (self._ident + 1) & 0xFFFF
        return ident

    def _originate(self, segment: Segment, ident: int) -> None:
        address, port, peer, peer_port = self.key
        path = self.network.routing.output(peer, address)
        if isinstance(path, Path):  # else the way is gone for now: a timer tries again
            self.network.originate(
                path, ipv4.TCP, address, peer, segment.emit(address, peer, port, peer_port),
                ident=ident, df=True, ttl=self.network.sysctls.integer(TTL), tos=0,
            )  # fmt: skip

    # --- afterwards

    def _settle(self) -> None:
        """The machine may have become another, have a new deadline, or news for the user."""
        successor = None if isinstance(self.machine, TimeWait) else self.machine.successor
        if successor is not None:
            self.machine = successor
            self._transmit()
            if isinstance(successor, ControlBlock):
                self.block = successor
                self.opened(self)
        self._set_timer()
        if self.machine.state is State.CLOSED:
            self.gone(self)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        clock, due = self.network.clock, self.machine.deadline
        self._timer = None if due is None else clock.at(max(due, clock.now), self._timeout)

    def _news(self) -> None:
        """If something is new to the user, let it look, some time later."""
        self._settle()
        outlook = None if self.block is None else self.block.outlook
        if outlook != self._outlook and self._wake is None:
            self._wake = self.network.clock.after(WAKE_UP, self._tell)

    def _tell(self) -> None:
        self._wake = None
        self.when_free(self._look)

    def _look(self) -> None:
        self._outlook = None if self.block is None else self.block.outlook
        self.changed()


def _nobody() -> None:
    """Nobody listens for changes."""
