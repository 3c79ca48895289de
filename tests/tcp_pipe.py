"""Two ends of a TCP connection on a pipe that loses what a test says, in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pknet.netns.socket.tcp.backlog import Backlog
from pknet.netns.socket.tcp.control_block import ControlBlock
from pknet.netns.socket.tcp.request import Request
from pknet.netns.socket.tcp.segment import Segment
from pknet.netns.socket.tcp.settings import Settings
from pknet.netns.socket.tcp.state import State
from pknet.netns.socket.tcp.time_wait import TimeWait
from pknet.sim import Clock
from pknet.sim.clock import MICROSECOND
from pknet.wire.tcp import ACK, FIN, RST, SYN, flag_names

DELAY = 10 * MICROSECOND
OWNED = 4  # delays that a call which sends lasts: there and back, and more
Machine = ControlBlock | Request | TimeWait

#: Says of a segment (who sent it, the how-manieth of that end's, and itself) whether it is lost.
Lose = Callable[[str, int, Segment], bool]


def nothing(sender: str, index: int, segment: Segment) -> bool:
    """A perfect pipe."""
    return False


def these(*lost: tuple[str, int]) -> Lose:
    """``("client", 0)``: the client's first segment, and so on."""
    return lambda sender, index, segment: (sender, index) in lost


class End:
    """One end: its machine changes as the connection does."""

    def __init__(self, name: str, iss: int, machine: Machine | None) -> None:
        self.name = name
        self.iss = iss
        self.machine = machine
        self.sent = 0
        self.owned = False  # by a system call: what comes meanwhile waits
        self.backlog: Backlog[None] = Backlog()

    @property
    def block(self) -> ControlBlock:
        """The control block; there must be one."""
        assert isinstance(self.machine, ControlBlock), self.machine
        return self.machine


class Pipe:
    """``log`` has a line for each segment sent, numbers counted from the initial ones."""

    def __init__(self, lose: Lose = nothing, *, delay: int = DELAY,
                 client: Settings | None = None,
                 server: Settings | None = None) -> None:  # fmt: skip
        self.clock = Clock()
        self.lose = lose
        self.delay = delay
        self.server_settings = server or Settings()
        self.client = End("client", 0xFFFFFF00, ControlBlock(client or Settings(), 0xFFFFFF00))
        self.server = End("server", 1000, None)
        self.log: list[str] = []
        self.times: list[int] = []
        self.refusals = 0
        #: Called whenever something may have changed.
        self.changed: Callable[[], None] = lambda: None

    # --- what a test does

    def connect(self) -> Pipe:
        """The client opens."""
        self.do(self.client, lambda block: block.connect(self.clock.now))
        return self

    def do(self, end: End, action: Callable[[ControlBlock], object]) -> None:
        """Call the control block of ``end``, and send what comes of it."""
        end.block.accept()
        action(end.block)
        self._own(end)

    def _own(self, end: End) -> None:
        """A call that sends is not over before all that comes of it has come."""
        if end.machine is not None and end.machine.outgoing:
            end.owned = True
            self.clock.after(OWNED * self.delay, self._release, end)
        self._flush(end)

    def _release(self, end: End) -> None:
        end.owned = False
        block = end.machine
        if isinstance(block, ControlBlock):
            block.receiver.schedule.hold(end.backlog.cost)
        while end.backlog:
            came, _, segment = end.backlog.pop()
            self._take(end, segment, came)
        if isinstance(block, ControlBlock) and not block.over:
            block.receiver.schedule.release(self.clock.now)
            self._own(end)

    def write(self, end: End, data: bytes) -> None:
        """As its user."""
        self.do(end, lambda block: block.write(self.clock.now, data))

    def read(self, end: End) -> bytes:
        """As its user."""
        end.block.accept()
        data = end.block.read(self.clock.now)
        self._own(end)
        return data

    def close(self, end: End) -> None:
        """As its user."""
        self.do(end, lambda block: block.close(self.clock.now))

    def run(self, duration: int) -> None:
        """Let time pass."""
        self.clock.run(self.clock.now + duration)

    def state(self, end: End) -> State:
        """Of its machine."""
        return end.machine.state if end.machine else State.CLOSED

    def take_log(self) -> list[str]:
        """The lines since the last time."""
        lines, self.log = self.log, []
        return lines

    # --- the pipe

    def _other(self, end: End) -> End:
        return self.server if end is self.client else self.client

    def _flush(self, end: End) -> None:
        machine = end.machine
        if machine is None:
            return
        bursts, machine.outgoing = machine.outgoing, []
        for offset, segment in enumerate(s for burst in bursts for s in burst):
            self._send(end, segment, offset)
        successor = getattr(machine, "successor", None)
        if successor is not None:
            end.machine = successor
            self._flush(end)
        elif machine.deadline is not None:
            self.clock.at(max(machine.deadline, self.clock.now), self._timeout, end, machine)

    def _send(self, end: End, segment: Segment, offset: int) -> None:
        lost = self.lose(end.name, end.sent, segment)
        end.sent += 1
        self.log.append(self.line(end, segment) + (" LOST" if lost else ""))
        self.times.append(self.clock.now)
        if not lost:
            self.clock.after(self.delay + offset, self._arrive, self._other(end), segment)

    def _arrive(self, end: End, segment: Segment) -> None:
        machine = end.machine
        if end.owned:
            end.backlog.add(self.clock.now, None, segment)
        elif machine is not None and machine.state is State.CLOSED:
            self.refusals += not segment.has(RST)  # there is no socket any more
        else:
            self._take(end, segment, self.clock.now)

    def _take(self, end: End, segment: Segment, now: int) -> None:
        if end.machine is None and segment.flags & (SYN | ACK) == SYN:
            end.machine = Request(self.server_settings, end.iss, segment, now)
        elif end.machine is not None:
            self.refusals += end.machine.segment(now, segment).resets
        self._flush(end)
        self.changed()

    def _timeout(self, end: End, machine: Machine) -> None:
        due = machine.deadline
        if end.machine is machine and due is not None and due <= self.clock.now:
            machine.timeout(self.clock.now)
            self._flush(end)
            self.changed()

    def line(self, end: End, segment: Segment) -> str:
        """``client PSH-ACK 1:5 ack 1 win 63``."""
        seq = segment.seq - end.iss & 0xFFFFFFFF
        other = self._other(end).iss
        ack = segment.ack - other & 0xFFFFFFFF if segment.flags & ACK else segment.ack
        words = [end.name, flag_names(segment.flags), f"{seq}:{seq + len(segment.payload)}"]
        words += [f"ack {ack}", f"win {segment.window}"]
        words += [f"sack {a - other & 0xFFFFFFFF}-{b - other & 0xFFFFFFFF}"
                  for a, b in segment.options.sacks]  # fmt: skip
        return " ".join(words)


def opened(lose: Lose = nothing, **more: object) -> Pipe:
    """A pipe on which the handshake is done."""
    pipe = Pipe(lose, **more).connect()  # type: ignore[arg-type]
    pipe.run(1_000 * MICROSECOND)
    pipe.take_log()
    return pipe


def fins(lines: Iterable[str]) -> int:
    """How many lines have a FIN."""
    return sum("FIN" in line for line in lines)


__all__ = ["ACK", "DELAY", "FIN", "End", "Lose", "Pipe", "fins", "nothing", "opened", "these"]
