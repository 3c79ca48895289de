"""A router between a client's and a server's side, twice: ours, and the real kernel's.

Both are built from one topology, take the same packets, and tell the same things: what came out
and where, which connections there are, and how often each rule has counted.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

from pknet.kernel.build import built
from pknet.lab.lab import Lab
from pknet.sim.clock import MICROSECOND, SECOND
from pknet.topology.load import load_text
from pknet.topology.spec import Spec
from pknet.wire import arp
from pknet.wire.address import ip_int, mac_bytes
from pknet.wire.ethernet import ETH_P_ARP, HEADER_LENGTH
from pknet.wire.frame import Frame

SIDES = ("client", "server")
MACS = {"client": "02:00:00:00:01:01", "server": "02:00:00:00:03:01"}
NETS = {"client": "10.0.1", "server": "10.0.2"}
IDENT = 7  # the packet id of every packet of a story

#: A packet and the side that it comes from; or so many seconds in which nothing happens.
Step = tuple[str, bytes] | float
Frames = list[tuple[str, bytes]]


class Told(NamedTuple):
    """What one router has to say. ``sent``: for each packet of the story, what came out where."""

    sent: list[Frames]
    connections: list[str]
    counters: list[str]


def spec_of(rules: str, sysctls: dict[str, int] | None = None) -> Spec:
    """The client's side, the router and the server's side."""
    known = {
        f"{NETS[side]}.{host}": {"mac": MACS[side], "dev": side}
        for side in SIDES
        for host in range(1, 10)
    }
    box = {
        "kind": "router",
        "interfaces": {side: {"addresses": [f"{NETS[side]}.254/24"]} for side in SIDES},
        "neighbours": known,
        "sysctls": sysctls or {},
        "iptables": rules,
    }
    document = {
        "name": "boxes",
        "nodes": {"client": {}, "box": box, "server": {}},
        "links": [["client:eth0", "box:client"], ["box:server", "server:eth0"]],
    }
    return load_text(json.dumps(document), Path("boxes.yaml"))  # JSON is YAML


def both(*story: Step, rules: str, sysctls: dict[str, int] | None = None) -> tuple[Told, Told]:
    """Tell ``story`` to our router, and to the kernel's."""
    spec = spec_of(rules, sysctls)
    return _ours(spec, story), _kernels(spec, story)


def judged(*story: Step, rules: str, sysctls: dict[str, int] | None = None) -> Told:
    """Tell ``story`` to both: they must say the same. Ours is returned."""
    ours, theirs = both(*story, rules=rules, sysctls=sysctls)
    for number, (our, their) in enumerate(zip(ours.sent, theirs.sent, strict=True)):
        assert our == their, f"packet {number} of {len(ours.sent)}"
    assert ours.connections == theirs.connections
    assert ours.counters == theirs.counters
    return ours


class _Box(Protocol):
    def wait(self, seconds: float) -> None: ...

    def send(self, side: str, wire: bytes) -> Frames: ...


def _tell(box: _Box, story: Sequence[Step]) -> list[Frames]:
    sent = []
    for step in story:
        if isinstance(step, tuple):
            side, data = step
            sent.append(box.send(side, _header(side, 0x0800) + data))
        else:
            box.wait(step)
    return sent


def _header(side: str, protocol: int) -> bytes:
    router = "02:00:00:00:02:01" if side == "client" else "02:00:00:00:02:02"
    return mac_bytes(router) + mac_bytes(MACS[side]) + protocol.to_bytes(2, "big")


# --- ours


class _OurBox:
    def __init__(self, spec: Spec) -> None:
        self.lab = Lab(spec)

    def wait(self, seconds: float) -> None:
        self.lab.settle(int(seconds * SECOND))

    def send(self, side: str, wire: bytes) -> Frames:
        first = len(self.lab.trace.taps)
        self.lab.nodes[side].send(self.lab.interface(f"{side}:eth0"), Frame(wire))
        self.lab.settle(100 * MICROSECOND)
        seen = self.lab.trace.taps[first:]
        return [
            (each, _comparable(tap.frame.wire[HEADER_LENGTH:]))
            for each in SIDES
            for tap in seen
            if tap.hop.node == each and tap.direction == "in"
        ]


def _ours(spec: Spec, story: Sequence[Step]) -> Told:
    box = _OurBox(spec)
    sent = _tell(box, story)
    box.wait(0.001)  # nobody looks at the very same instant
    firewall = box.lab.nodes["box"].firewall  # type: ignore[attr-defined]
    listing = firewall.conntrack.listing() if firewall.conntrack else ""
    return Told(sent, _listed(listing), _counted(firewall.ruleset.save(counters=True)))


# --- the kernel's


class _KernelBox:
    """Frames go in and come out through packet sockets at the far ends."""

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
            yield _comparable(wire[HEADER_LENGTH:])


def _question(side: str) -> bytes:
    own, router = ip_int(f"{NETS[side]}.1"), ip_int(f"{NETS[side]}.254")
    asked = arp.Arp(arp.REQUEST, mac_bytes(MACS[side]), own, bytes(6), router)
    return _header(side, ETH_P_ARP) + asked.emit()


def _kernels(spec: Spec, story: Sequence[Step]) -> Told:
    with built(spec) as spaces, ExitStack() as stack:
        sockets = {}
        for side in SIDES:
            with spaces[side].entered():
                raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            sockets[side] = stack.enter_context(raw)
            raw.bind(("eth0", 3))
            raw.settimeout(2)
        with _one_processor():
            sent = _tell(_KernelBox(sockets), story)
        with spaces["box"].entered():
            listing = _run("conntrack", "-L")
            return Told(sent, _listed(listing), _counted(_run("iptables-save", "-c")))


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


# --- what is compared


def _comparable(data: bytes) -> bytes:
    """What a router says itself bears a packet id of its own, and a header checksum over it."""
    return data if data[4:6] == IDENT.to_bytes(2, "big") else data[:4] + data[6:10] + data[12:]


def _listed(text: str) -> list[str]:
    """``conntrack -L`` in any order, timeouts rounded up: a real clock does not stand still."""
    return sorted(_rounded(line) for line in text.splitlines())


def _rounded(line: str) -> str:
    words = line.split()
    words[2] = str(-(-int(words[2]) // 10) * 10)
    return " ".join(words)


def _counted(text: str) -> list[str]:
    """The rules of iptables-save; iptables-nft counts no packets of a policy."""
    return sorted(line for line in text.splitlines() if line.startswith("["))
