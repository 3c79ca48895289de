"""Whatever a path loses, repeats or reorders for a while: every byte arrives once, in order."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tcp_pipe import End, Pipe, these

from pknet.netns.socket.tcp.control_block import ControlBlock
from pknet.netns.socket.tcp.segment import Segment
from pknet.netns.socket.tcp.settings import Settings
from pknet.netns.socket.tcp.state import State
from pknet.sim.clock import MICROSECOND, MILLISECOND, SECOND

OPEN = (State.ESTABLISHED, State.CLOSE_WAIT)
LONG = 3_000 * SECOND  # more than all retransmissions of so few losses take

#: Which of an end's segments are lost; few enough that no retry limit is reached.
LOSSES = st.sets(st.tuples(st.sampled_from(["client", "server"]), st.integers(0, 60)), max_size=10)
SIZES = st.sampled_from([0, 1, 1460, 1461, 4000, 20_000, 70_000])
BUFFERS = st.sampled_from([4096, 16_384, 131_072])


class Rough(Pipe):
    """Also delays some segments by ``late``, and delivers some twice."""

    def __init__(self, lost: set[tuple[str, int]], late: set[tuple[str, int]],
                 twice: set[tuple[str, int]], server: Settings) -> None:  # fmt: skip
        super().__init__(these(*lost), server=server)
        self.late = late
        self.twice = twice

    def flush(self, end: End) -> None:
        """Send what ``end`` has to say."""
        self._flush(end)

    def _send(self, end: End, segment: Segment, offset: int) -> None:
        place = (end.name, end.sent)
        if place in self.twice and not self.lose(*place, segment):
            self.clock.after(300 * MICROSECOND, self._arrive, self._other(end), segment)
        super()._send(end, segment, offset + 2 * MILLISECOND * (place in self.late))


@dataclass
class User:
    """Writes, and shuts when done; reads to the end. ``errors``: what it was told."""

    pipe: Rough
    end: End
    payload: bytes
    received: bytes = b""
    written: bool = False
    block: ControlBlock | None = None  # also when the connection only lingers
    errors: list[str] = field(default_factory=list)

    def look(self) -> None:
        if isinstance(self.end.machine, ControlBlock):
            self.block = self.end.machine
        block = self.block
        if block is None:
            return
        if block.error and not self.errors:
            self.errors.append(block.error)
        if block.state in OPEN and not self.written:
            self.written = True
            self.pipe.write(self.end, self.payload)
            self.pipe.do(self.end, lambda own: own.shutdown(self.pipe.clock.now))
        self.received += block.read(self.pipe.clock.now)
        self.pipe.flush(self.end)


def talk(pipe: Rough, asked: bytes, answered: bytes) -> tuple[User, User]:
    """Both write at once, as soon as they are connected."""
    users = User(pipe, pipe.client, asked), User(pipe, pipe.server, answered)

    def changed() -> None:
        for user in users:
            user.look()

    pipe.changed = changed
    pipe.connect()
    pipe.run(LONG)
    return users


@given(LOSSES, LOSSES, LOSSES, SIZES, SIZES, BUFFERS)
@example({("client", 0), ("server", 0), ("client", 1)}, set(), set(), 20_000, 4000, 131_072)
@settings(max_examples=150)
def test_every_byte_arrives_once_and_in_order(
    lost: set[tuple[str, int]],
    late: set[tuple[str, int]],
    twice: set[tuple[str, int]],
    asked: int,
    answered: int,
    buffer: int,
) -> None:
    pipe = Rough(lost, late, twice, Settings(rcvbuf=buffer))
    client, server = talk(pipe, pattern(asked, 251), pattern(answered, 241))
    assert client.errors == server.errors == []
    assert server.received == client.payload
    assert client.received == server.payload
    assert {pipe.state(pipe.client), pipe.state(pipe.server)} <= {State.CLOSED, State.TIME_WAIT}


@given(LOSSES, st.integers(2, 30))
@settings(max_examples=40)
def test_a_cut_ends_in_one_clean_error(lost: set[tuple[str, int]], cut: int) -> None:
    """From its ``cut``-th segment on, nothing of the client's arrives any more."""
    gone = lost | {("client", n) for n in range(cut, 400)}
    pipe = Rough(gone, set(), set(), Settings())
    client, server = talk(pipe, pattern(40_000, 251), pattern(3000, 241))
    assert client.errors == ["ETIMEDOUT"]
    assert pattern(40_000, 251).startswith(server.received)
    assert pattern(3000, 241).startswith(client.received)
    assert pipe.state(pipe.client) is State.CLOSED


def pattern(size: int, period: int) -> bytes:
    """Bytes that show where they belong."""
    return bytes(n % period for n in range(size))
