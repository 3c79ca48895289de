"""Two control blocks say what two sockets of Linux said, segment by segment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from kernel_backend import needs_kernel
from tcp_conversations import CLIENT, CONVERSATIONS, SERVER, Action, Conversation, differences, line
from tcp_kernel import converse
from tcp_pipe import End, Pipe, these

from pknet.netns.socket.tcp.control_block import ControlBlock
from pknet.netns.socket.tcp.segment import Segment
from pknet.netns.socket.tcp.settings import Settings
from pknet.sim.clock import MILLISECOND
from pknet.wire.tcp import ACK, RST


class _Recorded(Pipe):
    """A pipe that writes down what a conversation is compared by, and never reorders."""

    free_at = 0

    def _send(self, end: End, segment: Segment, offset: int) -> None:
        at = max(self.clock.now + offset, self.free_at)
        self.free_at = at + 1
        super()._send(end, segment, at - self.clock.now)

    def line(self, end: End, segment: Segment) -> str:
        return line(end.name, self.clock.now, segment, end.iss, self._other(end).iss)

    def _arrive(self, end: End, segment: Segment) -> None:
        before = self.refusals
        super()._arrive(end, segment)
        if self.refusals > before:
            assert segment.has(ACK), segment
            self._send(end, Segment(segment.ack, 0, RST, 0), 0)


def act_out(conversation: Conversation) -> list[str]:
    """What the control blocks say."""
    pipe = _Recorded(these(*conversation.lost), server=Settings(rcvbuf=conversation.buffer))
    for action in conversation.script:
        pipe.clock.at(action[0] * MILLISECOND, _do, pipe, action)
    pipe.clock.run(conversation.lasts * MILLISECOND)
    return pipe.log


def _do(pipe: Pipe, action: Action) -> None:
    _, who, what, size = action
    end = {CLIENT: pipe.client, SERVER: pipe.server}[who]
    if not isinstance(end.machine, ControlBlock):
        return
    if what == "connect":
        pipe.connect()
    elif what == "write":
        with suppress(BrokenPipeError):
            pipe.write(end, bytes(size))
    elif what == "read":
        pipe.read(end)
    elif what == "shutdown":
        pipe.do(end, lambda block: block.shutdown(pipe.clock.now))
    else:
        pipe.close(end)


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda c: c.name)
def test_what_control_blocks_say_is_what_linux_said(conversation: Conversation) -> None:
    assert not differences(act_out(conversation), conversation.recorded)


@needs_kernel[0]
@needs_kernel[1]
def test_what_this_kernel_says_is_what_linux_said() -> None:
    with ThreadPoolExecutor(6) as pool:  # they mostly wait
        found = list(pool.map(_wrong_here, CONVERSATIONS))
    assert [lines for lines in found if lines] == []


def _wrong_here(conversation: Conversation) -> list[str]:
    """Real time may be late on a busy machine: the third time counts."""
    for _ in range(3):
        wrong = differences(converse(conversation), conversation.recorded)
        if not wrong:
            return []
    return [conversation.name, *wrong]
