"""What a connection throws away, and in which word Linux says so: forged segments, one by one.

Law: for each forgery the kernel's socket says and drops what pknet's control block does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from kernel_backend import needs_kernel
from tcp_forger import FORGER, HANDSHAKE, SOON, VICTIM, Forger, Forgery, control_block_says
from tcp_kernel import MACS, run, two_homes

from pknet.kernel import btf
from pknet.netns.socket.tcp.control_block import ControlBlock
from pknet.netns.socket.tcp.discards import DISCARDS
from pknet.netns.socket.tcp.segment import Segment
from pknet.netns.socket.tcp.settings import Settings
from pknet.trace import DropReason
from pknet.wire.tcp import ACK

_DATA = Forgery("PA", length=100)
_END = Forgery("FA", wait=SOON)
_EDGE = 64_241  # where a window of 64240 that begins at 1 ends
_LATER = 101 + 63 * 1024  # and the one that acknowledges 100 bytes

#: What comes to a listener's connection, and the word for the last of it.
TO_SERVER = {
    "data twice": ((_DATA, _DATA), "TCP_OLD_DATA"),
    "data twice, in part": ((_DATA, Forgery("A", 51, length=100)), ""),
    "the beginning again": ((_DATA, Forgery("A", 1, length=50)), "TCP_OLD_SEQUENCE"),
    "a bare one from before": ((_DATA, Forgery("A", 0)), "TCP_OLD_SEQUENCE"),
    "early data twice": ((Forgery("A", 201, length=50),) * 2, "TCP_OFOMERGE"),
    "early data twice, in part": (
        (Forgery("A", 201, length=50), Forgery("A", 211, length=20)), "TCP_OFOMERGE",
    ),
    "far beyond the window": ((Forgery("A", 100_000, length=10),), "TCP_INVALID_SEQUENCE"),
    "a bare one beyond it": ((Forgery("A", 100_000),), "TCP_INVALID_SEQUENCE"),
    "where the window ends": ((Forgery("A", _EDGE, length=10),), "TCP_OVERWINDOW"),
    "an end beyond, with data unread": (
        (_DATA, Forgery("A", _LATER - 50, length=100)), "TCP_INVALID_END_SEQUENCE",
    ),
    "an end beyond, all read": ((Forgery("A", _EDGE - 50, length=100),), ""),
    "a SYN in the window": ((Forgery("S", 50),), "TCP_INVALID_SYN"),
    "a SYN far away": ((Forgery("S", 100_000),), "TCP_INVALID_SYN"),
    "the first SYN again": ((Forgery("S", 0),), "TCP_INVALID_SYN"),
    "two SYNs at once": ((Forgery("S", 50), Forgery("S", 60)), "TCP_INVALID_SYN"),
    "a reset in the window": ((Forgery("R", 50),), "TCP_RESET"),
    "two resets in the window": ((Forgery("R", 50), Forgery("R", 60)), "TCP_RESET"),
    "a reset behind early data": ((Forgery("A", 201, length=50), Forgery("R", 251)), ""),
    "a reset beyond the window": ((Forgery("R", 100_000),), "TCP_INVALID_SEQUENCE"),
    "a reset from before": ((Forgery("R", 0),), "TCP_OLD_SEQUENCE"),
    "a reset that counts": ((Forgery("R", 1),), ""),
    "a reset from before the FIN": ((_END, Forgery("R", 1)), ""),
    "an ACK of what was not sent": ((Forgery("A", ack=5000),), "TCP_ACK_UNSENT_DATA"),
    "data with such an ACK": ((Forgery("PA", ack=5000, length=9),), "TCP_ACK_UNSENT_DATA"),
    "such an ACK after the FIN": (
        (_END, Forgery("A", 2, ack=5000)), "TCP_ACK_UNSENT_DATA",
    ),
    "an ACK of our SYN's number": ((Forgery("A", ack=0, window=9),), "TCP_TOO_OLD_ACK"),
    "an ACK from long ago": ((Forgery("A", ack=-100_000, window=9),), "TCP_TOO_OLD_ACK"),
    "such an ACK that looks as usual": ((Forgery("A", ack=-100_000),), ""),
    "data with an ACK from long ago": (
        (Forgery("PA", ack=-100_000, length=9),), "TCP_TOO_OLD_ACK",
    ),
    "flags that say nothing": ((Forgery("P", length=9),), "TCP_FLAGS"),
    "a FIN without ACK": ((Forgery("F"),), "TCP_FLAGS"),
    "a FIN twice": ((_END, _END), "TCP_OLD_DATA"),
}  # fmt: skip

#: What comes instead of the ACK that ends the handshake.
TO_REQUEST = {
    "another SYN": ((Forgery("S", 0), Forgery("S", 100_000)), "TCP_OVERWINDOW"),
    "a reset beyond the window": ((Forgery("S", 0), Forgery("R", 100_000)), "TCP_OVERWINDOW"),
    "data beyond the window": (
        (Forgery("S", 0), Forgery("A", 100_000, length=9)), "TCP_OVERWINDOW",
    ),
    "an ACK of nothing": ((Forgery("S", 0), Forgery("A", ack=77)), "TCP_FLAGS"),
    "a SYN in the window": ((Forgery("S", 0), Forgery("S", 77)), ""),
    "a reset": ((Forgery("S", 0), Forgery("R", 1)), ""),
}  # fmt: skip

#: What answers the victim's SYN.
TO_CALLER = {
    "an ACK of nothing": ((Forgery("A", ack=77, wait=SOON),), "TCP_INVALID_ACK_SEQUENCE"),
    "a SYN-ACK of nothing": ((Forgery("SA", 0, ack=77, wait=SOON),), "TCP_INVALID_ACK_SEQUENCE"),
    "a reset of nothing": ((Forgery("RA", 0, ack=77, wait=SOON),), "TCP_INVALID_ACK_SEQUENCE"),
    "a reset without ACK": ((Forgery("R", 0),), "TCP_RESET"),
    "a reset": ((Forgery("RA", 0),), ""),
    "an ACK without SYN": ((Forgery("A", 0),), "TCP_FLAGS"),
    "the SYN-ACK twice": ((Forgery("SA", 0),) * 2, "TCP_INVALID_SYN"),
    "a SYN of its own": ((Forgery("S", 0), Forgery("R", 50)), "TCP_RESET"),
    "a SYN of its own, and far data": (
        (Forgery("S", 0), Forgery("A", 100_000, length=9)), "TCP_INVALID_SEQUENCE",
    ),
}  # fmt: skip

SCENES = [
    *(pytest.param((*HANDSHAKE, *f), False, word, id=n) for n, (f, word) in TO_SERVER.items()),
    *(pytest.param(f, False, word, id=f"request: {n}") for n, (f, word) in TO_REQUEST.items()),
    *(pytest.param(f, True, word, id=f"caller: {n}") for n, (f, word) in TO_CALLER.items()),
]
every = pytest.mark.parametrize(("forgeries", "calls", "word"), SCENES)


@every
def test_it_has_linux_s_word(forgeries: tuple[Forgery, ...], calls: bool, word: str) -> None:
    dropped = [line for line in control_block_says(forgeries, calls=calls) if "dropped" in line]
    assert (dropped[-1] if dropped else "") == (f"dropped: {word}" if word else "")


@pytest.mark.parametrize("start", [1, 100])
def test_data_for_a_closed_window_has_its_own_word(start: int) -> None:
    """TCP_ZEROWINDOW: only where all is read, else its end is beyond the window (tcp_sequence)."""
    receiver = ControlBlock(Settings(), 0).receiver
    receiver.queue.next = receiver.window.edge = 100
    receiver.window.offered = 0
    fate = receiver.take(0, start, Segment(0, 0, ACK, 0, payload=bytes(200)))
    assert DISCARDS[fate].reason is DropReason.TCP_ZEROWINDOW
    assert (receiver.queue.next, receiver.acks.pending) == (100, True)


def test_a_fin_alone_says_nothing_to_a_caller() -> None:
    """Linux drops it as NOT_SPECIFIED (tcp_rcv_synsent_state_process)."""
    assert control_block_says((Forgery("F", 0),), calls=True)[1:] == ["dropped: TCP_FLAGS"]


@pytest.fixture(scope="module")
def forger() -> Iterator[Forger]:
    with two_homes(131_072) as homes:
        with homes[VICTIM].entered():
            run(f"ip neigh replace 10.0.0.9 lladdr {MACS[FORGER]} dev eth0")
        with closing(Forger(homes)) as made:
            yield made


class TestTheKernel:
    """It says and drops the same."""

    pytestmark = [
        *needs_kernel,
        pytest.mark.skipif(not btf.VMLINUX.exists(), reason="this kernel has no BTF"),
    ]

    @every
    def test_says_and_drops_the_same(
        self, forger: Forger, forgeries: tuple[Forgery, ...], calls: bool, word: str
    ) -> None:
        ours = control_block_says(forgeries, calls=calls)
        assert forger.victim_says(forgeries, calls=calls) == ours
