"""What an open connection discards, and why, in Linux's names (tcp_validate_incoming, tcp_ack,
tcp_data_queue). A connection's numbers are a kernel's own secret, so that no file can send it most
of these: here the control block is asked. Those that can be sent are among the drop scenes.
"""

from __future__ import annotations

import pytest

from pknet.netns.socket.tcp.control_block import ControlBlock
from pknet.netns.socket.tcp.discards import DISCARDS
from pknet.netns.socket.tcp.fate import Fate
from pknet.netns.socket.tcp.options import NO_OPTIONS
from pknet.netns.socket.tcp.segment import Segment
from pknet.netns.socket.tcp.settings import Settings
from pknet.wire.tcp import ACK, FIN, RST, SYN

IRS, ISS, WINDOW = 1000, 5000, 64240
NEXT, UNA = IRS + 1, ISS + 1  # what the peer sends next, and acknowledges


def opened() -> ControlBlock:
    """A listener's end, its handshake done."""
    syn = Segment(IRS, 0, SYN, WINDOW)
    block = ControlBlock.answered(Settings(), ISS, syn, 1_000_000)
    assert came(block, ACK) is Fate.TAKEN
    return block


def came(
    block: ControlBlock, flags: int, seq: int = NEXT, ack: int = UNA, data: bytes = b""
) -> Fate:
    block.outgoing.clear()
    return block.segment(2_000_000, Segment(seq, ack, flags, WINDOW, NO_OPTIONS, data))


@pytest.mark.parametrize(
    ("fate", "flags", "seq", "ack", "data"),
    [
        (Fate.OLD_SEQUENCE, ACK, NEXT - 9, UNA, b"x"),
        (Fate.INVALID_SEQUENCE, ACK, NEXT + 900_000, UNA, b"x"),
        (Fate.INVALID_SYN, SYN, NEXT + 7, UNA, b""),
        (Fate.INVALID_SYN, SYN | ACK, IRS, UNA, b""),
        (Fate.RESET, RST, NEXT + 7, UNA, b""),
        (Fate.FLAGS, FIN, NEXT, UNA, b"x"),
        (Fate.ACK_UNSENT_DATA, ACK, NEXT, UNA + 7, b""),
        (Fate.TOO_OLD_ACK, ACK, NEXT, UNA - 900_000, b"x"),
    ],
)
def test_what_is_out_of_place_is_discarded(fate, flags, seq, ack, data):
    block = opened()
    assert came(block, flags, seq, ack, data) is fate
    assert block.read(3_000_000) == b""


def test_what_came_before_is_discarded():
    block = opened()
    assert came(block, ACK, data=b"abc") is Fate.TAKEN
    assert came(block, ACK, data=b"abc") is Fate.OLD_DATA
    assert came(block, ACK, seq=NEXT + 8, data=b"early") is Fate.TAKEN
    assert came(block, ACK, seq=NEXT + 8, data=b"early") is Fate.OFOMERGE
    assert came(block, ACK, seq=NEXT + 3, data=b"and so") is Fate.TAKEN
    assert block.read(3_000_000) == b"abcand soarly"


def test_what_a_window_has_no_room_for_is_discarded():
    block = opened()
    while (room := block.receiver.window.open_from(block.receiver.queue.next)) > 0:
        seq = NEXT + block.receiver.queue.next - 1
        fate = came(block, ACK, seq=seq, data=bytes(min(room, 1460)))
        assert fate is Fate.TAKEN
    seq = NEXT + block.receiver.queue.next - 1
    assert came(block, ACK, seq=seq, data=b"x") in (Fate.ZEROWINDOW, Fate.INVALID_END_SEQUENCE)


def test_the_first_byte_beyond_the_window_is_discarded():
    block = opened()
    room = block.receiver.window.open_from(block.receiver.queue.next)
    assert came(block, ACK, seq=NEXT + room, data=b"x") is Fate.OVERWINDOW


def test_a_reset_that_is_exact_is_not_discarded():
    block = opened()
    assert came(block, RST) is Fate.TAKEN
    assert block.over


def test_every_discard_has_the_name_that_linux_has():
    others = {Fate.ABORTED: "TCP_ABORT_ON_DATA", Fate.UNASKED: "TCP_FLAGS"}
    for fate, discard in DISCARDS.items():
        assert discard.reason.linux == others.get(fate, f"TCP_{fate.name}")
