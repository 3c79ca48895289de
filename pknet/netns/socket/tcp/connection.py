"""One end of a connection on a network: its machine, its timer, its user's calls.

Law: while a system call sends, the socket is its own: what comes meanwhile waits until the call
is done.

    segment -> [backlog] -> machine -> outgoing -> transmit       tcp_v4_rcv, release_sock
    call    -> machine -> outgoing -> transmit, a burst at a time      tcp_sendmsg
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.link.skb import Skb
from pknet.netns.ip_options import Echo
from pknet.netns.socket.icmp_error import IcmpError
from pknet.netns.socket.network import Network
from pknet.netns.socket.programs.results import IcmpFrom
from pknet.netns.socket.tcp.backlog import Backlog
from pknet.netns.socket.tcp.control_block import ControlBlock
from pknet.netns.socket.tcp.fate import Fate, Treatment
from pknet.netns.socket.tcp.hold import Hold
from pknet.netns.socket.tcp.notice import Notice
from pknet.netns.socket.tcp.outlet import Key, Outlet
from pknet.netns.socket.tcp.path_trouble import NO_WAY, PathTrouble
from pknet.netns.socket.tcp.request import Request
from pknet.netns.socket.tcp.segment import Burst, Segment
from pknet.netns.socket.tcp.state import State
from pknet.netns.socket.tcp.time_wait import TimeWait
from pknet.netns.socket.timing import SEND_COST
from pknet.sim import Timer
from pknet.wire import icmp

Machine = Request | ControlBlock | TimeWait


class Connection:
    """``changed`` is called, some time after, when there may be news for the user."""

    def __init__(
        self, network: Network, key: Key, machine: Machine, ident: int,
        reset: Callable[[Skb], object],
    ) -> None:  # fmt: skip
        self.network = network
        self.key = key
        self.machine = machine
        # The user's, to its end:
        self.block = machine if isinstance(machine, ControlBlock) else None
        self.icmp: IcmpFrom | None = None  # the last error message about it
        self.changed: Callable[[], None] = lambda: None
        self.gone: Callable[[Connection], None] = lambda connection: None
        self.opened: Callable[[Connection], None] = lambda connection: None
        self._outlet = Outlet(network, key, ident, self._stands, self._refused)
        self._trouble = PathTrouble(network, key)
        self._notice = Notice(network.clock, self._outlook, lambda: self.when_free(self._look))
        self._reset = reset
        self._timer: Timer | None = None
        self._backlog: Backlog[Skb] = Backlog()
        self._hold = Hold(network.clock, self._release)
        self.when_free = self._hold.when_free

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

    def read(self) -> bytes:
        """All that has come."""
        if self.block is None:
            return b""
        data = self.block.read(self.network.clock.now)
        self._transmit_slowly()
        self._settle()
        return data

    # --- the network

    def carry(self, options: Echo) -> None:
        """Every packet of it has these."""
        self._outlet.carried = options

    def deliver(self, skb: Skb, segment: Segment) -> Treatment:
        """A segment came."""
        if self._hold.taken:
            self._backlog.add(self.network.clock.now, skb, segment)
            return Treatment(Fate.TAKEN, answered=False)
        fate = self.machine.segment(self.network.clock.now, segment)
        treatment = Treatment(fate, answered=bool(self.machine.outgoing))
        self._transmit()
        self._news()
        return treatment

    def hear(self, error: IcmpError) -> None:
        """An ICMP error about a segment of ours."""
        self.icmp = error.told
        machine = self.machine
        if isinstance(machine, Request):
            if error.errno in NO_WAY:
                machine.forget()
        elif isinstance(machine, ControlBlock):
            self._trouble.hear(machine, error, owned=self._hold.taken)
        self._transmit()
        self._news()

    def believes(self, error: IcmpError) -> bool:
        """Whether what it says of the way counts; a redirect waits for no program (tcp_v4_err)."""
        on_its_way = isinstance(self.machine, ControlBlock) and self.machine.knows(error.seq)
        return on_its_way and not (error.kind == icmp.REDIRECT and self._hold.taken)

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

    def _transmit(self, cost: int = 0) -> int:
        """A burst each ``cost`` ns, 0: all at once (Linux: in softirq); how long that takes."""
        bursts, self.machine.outgoing = self.machine.outgoing, []
        for index, burst in enumerate(bursts):
            self._outlet.send(burst, index * cost, own_idents=self.machine.own_idents)
        return len(bursts) * cost

    def _stands(self, burst: Burst) -> bool:
        return self.machine.stands(burst)  # the machine of that time

    def _refused(self, burst: Burst) -> None:
        self.machine.refused(self.network.clock.now, burst)
        if self._hold.cut_short():
            self._outlet.hurry()
        self._settle()

    def _transmit_slowly(self) -> None:
        """From a system call: a burst has gone all its way before the next leaves."""
        duration = self._transmit(SEND_COST)
        if duration:
            self._hold.take(duration)

    def _release(self) -> None:
        """The call is done: what came meanwhile has its turn (Linux: __release_sock).

        It counts as of when it came: what a call takes is no part of the round trip.
        """
        block = self.block
        if block is not None:
            block.receiver.schedule.hold(self._backlog.cost)
        while self._backlog and not self.machine.outgoing:
            came, skb, segment = self._backlog.pop()
            if self.machine.segment(came, segment).resets:
                self._reset(skb)
        self._hold.taken = False
        self._transmit_slowly()
        if not self._hold.taken and block is not None and not block.over:
            self._let_go(block)
        self._news()
        self._hold.look()

    def _let_go(self, block: ControlBlock) -> None:
        """What was put off until the call is done (Linux: tcp_release_cb)."""
        now = self.network.clock.now
        block.receiver.schedule.release(now)
        self._trouble.release(block)
        self._transmit()

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

    # --- the user's view

    def _outlook(self) -> object:
        return None if self.block is None else self.block.outlook

    def _news(self) -> None:
        """If something is new to the user, let it look, some time later."""
        self._settle()
        self._notice.check()

    def _look(self) -> None:
        if self.block is not None:
            self.block.accept()
        self._notice.seen()
        self.changed()
