"""The real kernel's router: frames go in and come out through packet sockets at the far ends."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from conntrack_told import (
    MACS,
    NETS,
    SIDES,
    Frames,
    Step,
    Told,
    comparable,
    counted,
    header,
    listed,
    tell,
)

from pknet.kernel.build import built
from pknet.topology.spec import Spec
from pknet.wire import arp
from pknet.wire.address import ip_int, mac_bytes
from pknet.wire.ethernet import ETH_P_ARP, HEADER_LENGTH


class _KernelBox:
    def __init__(self, sockets: dict[str, socket.socket]) -> None:
        self._sockets = sockets

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def send(self, side: str, wire: bytes) -> Frames:
        self._sockets[side].send(wire)
        for each in SIDES:
            self._sockets[each].send(_question(each))
        return [(each, data) for each in SIDES for data in self._until_answer(each)]

    def _until_answer(self, side: str) -> Iterator[bytes]:
        """On one processor, what was sent before the answer comes before the answer."""
        while True:
            wire, address = self._sockets[side].recvfrom(65536)
            if address[2] == socket.PACKET_OUTGOING:
                continue
            if int.from_bytes(wire[12:14], "big") == ETH_P_ARP:
                return
            yield comparable(wire[HEADER_LENGTH:])


def _question(side: str) -> bytes:
    own, router = ip_int(f"{NETS[side]}.1"), ip_int(f"{NETS[side]}.254")
    asked = arp.Arp(arp.REQUEST, mac_bytes(MACS[side]), own, bytes(6), router)
    return header(side, ETH_P_ARP) + asked.emit()


def kernels(spec: Spec, story: Sequence[Step]) -> Told:
    with built(spec) as spaces, ExitStack() as stack:
        sockets = {}
        for side in SIDES:
            with spaces[side].entered():
                raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            sockets[side] = stack.enter_context(raw)
            raw.bind(("eth0", 3))
            raw.settimeout(2)
        with _one_processor():
            sent = tell(_KernelBox(sockets), story)
        with spaces["box"].entered():
            listing = _run("conntrack", "-L")
            return Told(sent, listed(listing), counted(_run("iptables-save", "-c")))


def _run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


@contextmanager
def _one_processor() -> Iterator[None]:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
