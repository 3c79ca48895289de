"""Segments that no honest peer sends, and what one end of a connection makes of each.

Law: a forgery is data. The kernel's socket and pknet's control block get the same ones, numbered
from the initial ones, and what each says is told in the same words:

    ["A 1 ack 101", "dropped: TCP_OLD_DATA"]
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from tcp_kernel import MACS

from pknet.kernel.drops import watching
from pknet.kernel.namespace import Namespace
from pknet.netns.socket.tcp.control_block import ControlBlock
from pknet.netns.socket.tcp.discards import DISCARDS
from pknet.netns.socket.tcp.options import Options
from pknet.netns.socket.tcp.request import Request
from pknet.netns.socket.tcp.segment import Segment
from pknet.netns.socket.tcp.seq import MASK
from pknet.netns.socket.tcp.settings import Settings
from pknet.sim.clock import MILLISECOND, SECOND
from pknet.wire import ipv4
from pknet.wire.address import ip_int, mac_bytes
from pknet.wire.ethernet import ETH_P_IP
from pknet.wire.ipv4 import Ipv4
from pknet.wire.tcp import ACK, FIN, PSH, RST, SYN

FORGER, VICTIM = "client", "server"  # the two namespaces
FORGED, OWN = ip_int("10.0.0.9"), ip_int("10.0.0.2")
PORT, FIRST_PORT = 8080, 4000
FIRST = 5000  # the forger's initial sequence number
AT_ONCE = MILLISECOND
SOON = 25 * MILLISECOND  # some ticks, and less than data's acknowledgement is delayed
_LETTERS = {"F": FIN, "S": SYN, "R": RST, "P": PSH, "A": ACK}


class Forgery(NamedTuple):
    """``seq`` and ``ack`` count from the initial numbers; ``length``: bytes of payload.

    ``wait``: nanoseconds until the next.
    """

    flags: str
    seq: int = 1
    ack: int = 1
    length: int = 0
    window: int = 60_000
    wait: int = AT_ONCE

    def segment(self, theirs: int) -> Segment:
        """On the wire; ``theirs`` is the victim's initial number."""
        bits = sum(_LETTERS[letter] for letter in self.flags)
        ack = theirs + self.ack & MASK if bits & ACK else 0
        options = Options(1460, 7, sack_permitted=True) if bits & SYN else Options()
        return Segment(FIRST + self.seq, ack, bits, self.window, options, bytes(self.length))


#: What opens a connection to a listener; and to the victim's own SYN there is nothing to add.
HANDSHAKE = (Forgery("S", 0), Forgery("A"))


def told(segment: Segment, mine: int) -> str:
    """One that the victim says; ``mine`` is its initial number."""
    letters = "".join(letter for letter, bit in _LETTERS.items() if segment.flags & bit)
    if segment.flags & RST:
        return "a reset"
    seq, ack = segment.seq - mine & MASK, segment.ack - FIRST & MASK
    sacks = [f"sack {a - FIRST & MASK}-{b - FIRST & MASK}" for a, b in segment.options.sacks]
    return " ".join([letters, str(seq), f"ack {ack}" * ("A" in letters), *sacks])


# --- pknet


def control_block_says(forgeries: tuple[Forgery, ...], *, calls: bool) -> list[str]:
    """What is said and dropped, in order; ``calls``: the victim is the one who connects."""
    machine: ControlBlock | Request
    if calls:
        machine = ControlBlock(Settings(), 0)
        machine.connect(0)
    else:
        machine = Request(Settings(), 0, forgeries[0].segment(0), 0)
    said, dropped = _outgoing(machine), []
    now = 0
    for forgery in forgeries if calls else forgeries[1:]:
        fate = machine.segment(now, forgery.segment(0))
        said += ["a reset"] * (fate.resets and "R" not in forgery.flags)
        if fate in DISCARDS:
            dropped.append(f"dropped: {DISCARDS[fate].reason.linux}")
        machine = (isinstance(machine, Request) and machine.successor) or machine
        now += forgery.wait
        while machine.deadline is not None and machine.deadline <= now:
            machine.timeout(machine.deadline)
        said += _outgoing(machine)
    return said + dropped


def _outgoing(machine: ControlBlock | Request) -> list[str]:
    segments = [segment for burst in machine.outgoing for segment in burst]
    machine.outgoing.clear()
    return [told(segment, 0) for segment in segments]


# --- the kernel


class Forger:
    """Speaks for an address that nobody has."""

    def __init__(self, homes: dict[str, Namespace]) -> None:
        self._homes = homes
        with homes[FORGER].entered():
            self._wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
        self._wire.bind(("eth0", ETH_P_IP))
        self._wire.setblocking(False)
        self._count = 0

    def close(self) -> None:
        """Let go of the wire."""
        self._wire.close()

    def victim_says(self, forgeries: tuple[Forgery, ...], *, calls: bool) -> list[str]:
        """As control_block_says()."""
        self._count += 1  # each has ports of its own
        with watching() as watch, self._victim(calls):
            assert watch is not None
            initial, said = None, []
            for forgery in (None, *forgeries):
                if forgery is not None:
                    self._send(forgery.segment(initial or 0))
                answers = self._heard(forgery.wait if forgery else AT_ONCE)
                if initial is None and answers:
                    initial = answers[0].seq
                said += [told(answer, initial or 0) for answer in answers]
            drops = watch.seen(self._homes.values()) or []
        return said + [
            f"dropped: {drop.reason}"
            for drop in drops
            if drop.node == VICTIM and drop.reason != "NOT_SPECIFIED"
        ]

    @contextmanager
    def _victim(self, calls: bool) -> Iterator[None]:
        """A socket that listens or calls."""
        with self._homes[VICTIM].entered():
            victim = socket.socket()
        with victim:
            victim.bind(("", PORT + self._count))
            if calls:
                victim.setblocking(False)
                with suppress(BlockingIOError):
                    victim.connect(("10.0.0.9", FIRST_PORT + self._count))
            else:
                victim.listen()
            yield
        self._heard(AT_ONCE)

    def _send(self, segment: Segment) -> None:
        payload = segment.emit(FORGED, OWN, FIRST_PORT + self._count, PORT + self._count)
        packet = ipv4.build(ipv4.TCP, FORGED, OWN, payload)
        to, by = mac_bytes(MACS[VICTIM]), mac_bytes(MACS[FORGER])
        self._wire.send(to + by + ETH_P_IP.to_bytes(2, "big") + packet)

    def _heard(self, wait: int) -> list[Segment]:
        time.sleep(wait / SECOND)
        found = []
        with suppress(BlockingIOError):
            while True:
                frame = self._wire.recv(2048)
                header = Ipv4.parse(frame[14:])
                if header.dst == FORGED:
                    found.append(Segment.parse(frame[14:][header.header_length : header.length]))
        return found
